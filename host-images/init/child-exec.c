#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capabilities.h"
#include "child.h"
#include "environment.h"
#include "files.h"
#include "report.h"
#include "users.h"
#include "wire.h"

enum { FILE_LIMIT = 1048576, ACCOUNTS_SIZE = 1024 * 1024, IDENTITY_MAX = 127 };

/* An exec's own field, else the container's; "" when neither has it. The text is the child's for good. */
static char *text_of(const struct child *child, uint16_t tag) {
  struct span value = {NULL, 0};
  bool own = child->own.length > 0 && field_find(child->own, tag, &value) && value.length > 0;
  if (!own) field_find(container_definition(child->container), tag, &value);
  char *text = strndup(value.length == 0 ? "" : (const char *)value.bytes, value.length);
  if (text == NULL) child_fail(child, "out of memory");
  return text;
}

/* The image's file of accounts, or nothing. */
static struct span accounts(const char *path) {
  struct stat status;
  char *text = stat(path, &status) == 0 && S_ISREG(status.st_mode) ? malloc(ACCOUNTS_SIZE) : NULL;
  long length = text == NULL ? -1 : file_read(path, text, ACCOUNTS_SIZE);
  return (struct span){(const uint8_t *)text, length < 0 ? 0 : (size_t)length};
}

void child_find_identity(const struct child *child, struct identity *identity) {
  char error[256];
  char *user = text_of(child, TAG_USER);
  if (!identity_resolve(user, accounts("/etc/passwd"), accounts("/etc/group"), identity, error, sizeof error)) {
    child_fail(child, "%s", error);
  }
  identity_finish(identity, (child->container->process.options & OPTION_STRICT_GROUPS) != 0);
  struct span rest = container_definition(child->container);
  struct field field;
  while (field_next(&rest, &field)) {
    if (field.tag == TAG_GROUP_ID) identity_add_group(identity, get_u32(field.value.bytes));
  }
  free(user);
}

/* The container's filter of system calls, as the host has compiled it. */
static void install_filter(const struct child *child) {
  struct span program;
  if (!field_find(container_definition(child->container), TAG_SECCOMP, &program)) return;
  struct sock_filter *instructions = malloc(program.length);
  if (instructions == NULL) child_fail(child, "out of memory");
  memcpy(instructions, program.bytes, program.length);
  struct sock_fprog filter = {(unsigned short)(program.length / sizeof *instructions), instructions};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) {
    child_fail(child, "load the seccomp filter: %s", strerror(errno));
  }
  free(instructions);
}

static bool keeps_privileges(const struct child *child) {
  return (child->container->process.options & OPTION_NO_NEW_PRIVILEGES) == 0;
}

static void become(const struct child *child, const struct identity *identity) {
  uint64_t set = child->container->capabilities;
  gid_t groups[SUPPLEMENTAL_MAX];
  for (size_t i = 0; i < identity->group_count; i++) groups[i] = identity->groups[i];
  bool done = setgroups(identity->group_count, groups) == 0 && capabilities_limit(set) &&
              setresgid(identity->gid, identity->gid, identity->gid) == 0 &&
              setresuid(identity->uid, identity->uid, identity->uid) == 0 &&
              (identity->uid != 0 || capabilities_set(set));
  if (!done) child_fail(child, "become user %u, group %u: %s", identity->uid, identity->gid, strerror(errno));
  if (!keeps_privileges(child)) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void set_limits(const struct child *child) {
  const struct rlimit files = {FILE_LIMIT, FILE_LIMIT};
  const struct rlimit no_core = {0, RLIM_INFINITY};
  const struct rlimit any = {RLIM_INFINITY, RLIM_INFINITY};
  uint32_t score = 0;
  char text[16];
  setrlimit(RLIMIT_NOFILE, &files);
  setrlimit(RLIMIT_CORE, &no_core);
  /* The kernel's own limits follow the size of the machine; the container's group has its own. */
  setrlimit(RLIMIT_NPROC, &any);
  setrlimit(RLIMIT_SIGPENDING, &any);
  /* PID 1's own is -1000, which children inherit. */
  field_u32(container_definition(child->container), TAG_OOM_SCORE_ADJ, &score);
  snprintf(text, sizeof text, "%d", (int32_t)score);
  file_write("/proc/self/oom_score_adj", text);
  umask(0022);
}

/* As root, then once more as the user, who may be the only one with the right to enter. */
static bool enter_folder(const char *path) { return chdir(path) == 0; }

static bool is_program(const struct child *child, const char *path, bool named_by_path) {
  struct stat status;
  const char *name = path;
  if (stat(path, &status) != 0) {
    if (named_by_path) child_fail(child, "exec: \"%s\": stat %s: %s", name, path, describe_errno(errno));
    return false;
  }
  bool folder = S_ISDIR(status.st_mode);
  if (!folder && access(path, X_OK) == 0) return true;
  if (named_by_path) child_fail(child, "exec: \"%s\": %s", name, folder ? "is a directory" : "permission denied");
  return false;
}

/* The program's path, from PATH if its name has no slash. */
static const char *find_program(const struct child *child, const char *name, const char *search) {
  static char path[PATH_MAX];
  if (strchr(name, '/') != NULL) {
    is_program(child, name, true);
    return name;
  }
  for (const char *next = search; *name != '\0' && next != NULL; next = strchr(next, ':')) {
    if (*next == ':') next++;
    int length = (int)strcspn(next, ":");
    int used = snprintf(path, sizeof path, "%.*s/%s", length, next, name);
    if (length > 0 && used > 0 && (size_t)used < sizeof path && is_program(child, path, false)) return path;
    if (next[length] == '\0') break;
  }
  child_fail(child, "exec: \"%s\": executable file not found in $PATH", name);
}

/* Numbers as the protocol has them: its user, its group, further groups, as many as fit into a report. */
static void report_identity(const struct child *child, const struct identity *identity) {
  uint8_t numbers[4 * IDENTITY_MAX];
  size_t count = 0;
  put_u32(&numbers[4 * count++], identity->uid);
  put_u32(&numbers[4 * count++], identity->gid);
  for (size_t i = 0; i < identity->group_count && count < IDENTITY_MAX; i++) {
    put_u32(&numbers[4 * count++], identity->groups[i]);
  }
  report_send_bytes(child->report, REPORT_IDENTITY, numbers, 4 * count);
}

_Noreturn void child_execute(const struct child *child) {
  struct identity identity;
  child_find_identity(child, &identity);
  char **environment = environment_of(child, identity.home);
  char **arguments = arguments_of(child);
  char *folder = text_of(child, TAG_CWD);
  if (environment == NULL || arguments == NULL) child_fail(child, "out of memory");
  if (folder[0] == '\0') folder = strdup("/");
  set_limits(child);
  child_own_stdio(identity.uid);
  if (access(folder, F_OK) != 0) make_folders(folder, 0755);
  bool entered = enter_folder(folder);
  /* A filter takes CAP_SYS_ADMIN, which the container may lack, or no_new_privs: with that it is the last step. */
  if (keeps_privileges(child)) install_filter(child);
  become(child, &identity);
  if (!entered && !enter_folder(folder)) {
    child_fail(child, "chdir to cwd (\"%s\") set in config.json failed: %s", folder, describe_errno(errno));
  }
  const char *program = find_program(child, arguments[0], environment_value(environment, "PATH"));
  if (child->process->exec_id == 0) report_identity(child, &identity);
  report_send(child->report, REPORT_READY, "", -1);
  if (!keeps_privileges(child)) install_filter(child);
  execve(program, arguments, environment);
  child_fail(child, "exec %s: %s", program, describe_errno(errno));
}
