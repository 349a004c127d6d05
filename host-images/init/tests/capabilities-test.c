#include "capabilities.h"

#include <linux/capability.h>

#include "check.h"
#include "fields.h"
#include "wire.h"

static const uint64_t docker_default = UINT64_C(0xa80425fb);
static uint64_t set;
static char error[64];

/* `names` are fields: "+NAME" adds, "-NAME" drops. */
static bool of(bool privileged, const char *const *names) {
  struct writer writer = {.limit = 1000};
  for (; *names != NULL; names++) write_string(&writer, **names == '+' ? TAG_CAP_ADD : TAG_CAP_DROP, *names + 1);
  bool known = capabilities_of((struct span){writer.bytes, writer.length}, privileged, &set, error, sizeof error);
  writer_free(&writer);
  return known;
}

#define OF(privileged, ...) of(privileged, (const char *const[]){__VA_ARGS__, NULL})

int main(void) {
  CHECK(of(false, (const char *const[]){NULL}) && set == docker_default);
  CHECK(OF(false, "+NET_ADMIN") && set == (docker_default | UINT64_C(1) << CAP_NET_ADMIN));
  CHECK(OF(false, "+cap_net_admin", "-CAP_CHOWN") && (set & 1) == 0 && (set >> CAP_NET_ADMIN & 1) == 1);
  CHECK(OF(false, "-ALL") && set == 0);
  CHECK(OF(false, "-ALL", "+NET_BIND_SERVICE") && set == UINT64_C(1) << CAP_NET_BIND_SERVICE);
  CHECK(OF(false, "+ALL", "-SYS_ADMIN") && set == (CAPABILITIES_ALL & ~(UINT64_C(1) << CAP_SYS_ADMIN)));
  CHECK(OF(true, "-ALL") && set == CAPABILITIES_ALL);
  CHECK(!OF(false, "+FLYING") && error[0] != '\0');
  CHECK(CAPABILITY_COUNT == CAP_LAST_CAP + 1);
  puts("capabilities: ok");
}
