#include "check.h"
#include "users.h"

static const char passwd_text[] =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken line\n"
    ":x:5:5::/:\n"
    "big:x:99999999999:1:::\n"
    "app:x:1000:1001:App,,,:/home/app:/bin/sh\n"
    "1234:x:77:78::relative:/bin/sh\n"
    "last:x:3:4::/last";
static const char group_text[] =
    "root:x:0:\nstaff:x:50:app,root\nextra:x:2000:other,app\nappx:x:2001:appx\nwheel:x:10:app";

static struct identity identity;
static char error[128];

static bool resolve(const char *user) {
  struct span passwd = {(const uint8_t *)passwd_text, strlen(passwd_text)};
  struct span group = {(const uint8_t *)group_text, strlen(group_text)};
  return identity_resolve(user, passwd, group, &identity, error, sizeof error);
}

static void names_and_numbers_are_found(void) {
  CHECK(resolve("") && identity.uid == 0 && identity.gid == 0 && strcmp(identity.home, "/root") == 0);
  CHECK(identity.group_count == 1 && identity.groups[0] == 50);
  CHECK(resolve("app") && identity.uid == 1000 && identity.gid == 1001 && strcmp(identity.home, "/home/app") == 0);
  CHECK(identity.group_count == 3 && identity.groups[0] == 50);
  CHECK(identity.groups[1] == 2000 && identity.groups[2] == 10);
  CHECK(resolve("1000") && identity.gid == 1001 && identity.group_count == 3);
  CHECK(resolve("last") && identity.uid == 3 && identity.gid == 4 && strcmp(identity.home, "/last") == 0);
}

static void numbers_without_an_entry_stand_for_themselves(void) {
  CHECK(resolve("4321") && identity.uid == 4321 && identity.gid == 0 && strcmp(identity.home, "/") == 0);
  CHECK(resolve("4321:8765") && identity.uid == 4321 && identity.gid == 8765 && identity.group_count == 0);
}

static void a_group_that_is_named_is_the_only_one(void) {
  CHECK(resolve("app:staff") && identity.uid == 1000 && identity.gid == 50 && identity.group_count == 0);
  CHECK(resolve("app:10") && identity.gid == 10);
  CHECK(resolve(":staff") && identity.uid == 0 && identity.gid == 50);
}

static void a_name_of_digits_is_a_name_first(void) {
  CHECK(resolve("1234") && identity.uid == 77 && identity.gid == 78 && strcmp(identity.home, "/") == 0);
}

static void unknown_names_are_errors_in_runcs_words(void) {
  CHECK(!resolve("nobody"));
  CHECK(strcmp(error, "unable to find user nobody: no matching entries in passwd file") == 0);
  CHECK(!resolve("app:nobody"));
  CHECK(strcmp(error, "unable to find group nobody: no matching entries in group file") == 0);
  CHECK(!resolve("4294967295") && !resolve("2147483648"));
  CHECK(!resolve("big"));
}

static void the_own_group_comes_first(void) {
  CHECK(resolve("app"));
  identity_finish(&identity, false);
  CHECK(identity.group_count == 4 && identity.groups[0] == 1001);
  CHECK(identity.groups[1] == 50 && identity.groups[3] == 10);
  identity_finish(&identity, true);
  CHECK(identity.group_count == 1 && identity.groups[0] == 1001);
}

int main(void) {
  the_own_group_comes_first();
  names_and_numbers_are_found();
  numbers_without_an_entry_stand_for_themselves();
  a_group_that_is_named_is_the_only_one();
  a_name_of_digits_is_a_name_first();
  unknown_names_are_errors_in_runcs_words();
  puts("users: ok");
}
