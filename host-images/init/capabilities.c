#include "capabilities.h"

#include <linux/capability.h>
#include <stdio.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fields.h"
#include "wire.h"

/* By number, as in linux/capability.h. */
static const char *const names[CAPABILITY_COUNT] = {
    "CHOWN",           "DAC_OVERRIDE",     "DAC_READ_SEARCH", "FOWNER",       "FSETID",
    "KILL",            "SETGID",           "SETUID",          "SETPCAP",      "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE", "NET_BROADCAST",   "NET_ADMIN",       "NET_RAW",      "IPC_LOCK",
    "IPC_OWNER",       "SYS_MODULE",       "SYS_RAWIO",       "SYS_CHROOT",   "SYS_PTRACE",
    "SYS_PACCT",       "SYS_ADMIN",        "SYS_BOOT",        "SYS_NICE",     "SYS_RESOURCE",
    "SYS_TIME",        "SYS_TTY_CONFIG",   "MKNOD",           "LEASE",        "AUDIT_WRITE",
    "AUDIT_CONTROL",   "SETFCAP",          "MAC_OVERRIDE",    "MAC_ADMIN",    "SYSLOG",
    "WAKE_ALARM",      "BLOCK_SUSPEND",    "AUDIT_READ",      "PERFMON",      "BPF",
    "CHECKPOINT_RESTORE",
};

#define BIT(number) (UINT64_C(1) << (number))

static const uint64_t default_set = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FSETID) | BIT(CAP_FOWNER) |
                                    BIT(CAP_MKNOD) | BIT(CAP_NET_RAW) | BIT(CAP_SETGID) | BIT(CAP_SETUID) |
                                    BIT(CAP_SETFCAP) | BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE) |
                                    BIT(CAP_SYS_CHROOT) | BIT(CAP_KILL) | BIT(CAP_AUDIT_WRITE);

static bool named(struct span text, const char *name) {
  return text.length == strlen(name) && strncasecmp((const char *)text.bytes, name, text.length) == 0;
}

/* The bits that a name stands for; 0 when it is unknown. */
static uint64_t bits_of(struct span text) {
  if (named(text, "ALL")) return CAPABILITIES_ALL;
  if (text.length > 4 && strncasecmp((const char *)text.bytes, "CAP_", 4) == 0) {
    text = (struct span){text.bytes + 4, text.length - 4};
  }
  for (unsigned number = 0; number < CAPABILITY_COUNT; number++) {
    if (named(text, names[number])) return BIT(number);
  }
  return 0;
}

bool capabilities_of(struct span request, bool privileged, uint64_t *set, char *error, size_t error_size) {
  uint64_t add = 0;
  uint64_t drop = 0;
  bool add_all = privileged;
  bool drop_all = false;
  struct field field;
  while (field_next(&request, &field)) {
    if (field.tag != TAG_CAP_ADD && field.tag != TAG_CAP_DROP) continue;
    uint64_t bits = bits_of(field.value);
    if (bits == 0) {
      int length = field.value.length < 64 ? (int)field.value.length : 64;
      snprintf(error, error_size, "unknown capability \"%.*s\"", length, (const char *)field.value.bytes);
      return false;
    }
    bool all = bits == CAPABILITIES_ALL;
    if (field.tag == TAG_CAP_ADD) {
      add_all |= all;
      if (!all) add |= bits;
    } else {
      drop_all |= all;
      if (!all) drop |= bits;
    }
  }
  *set = add_all ? CAPABILITIES_ALL : default_set;
  if (drop_all && !privileged) *set = 0;
  *set = (*set | add) & ~drop;
  return true;
}

bool capabilities_limit(uint64_t set) {
  for (unsigned number = 0; number < 64; number++) {
    bool wanted = number < CAPABILITY_COUNT && (set & BIT(number)) != 0;
    if (wanted) continue;
    if (number >= CAPABILITY_COUNT && prctl(PR_CAPBSET_READ, number, 0, 0, 0) != 1) return true;
    if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) return false;
  }
  return true;
}

bool capabilities_set(uint64_t set) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {
      {.effective = (uint32_t)set, .permitted = (uint32_t)set},
      {.effective = (uint32_t)(set >> 32), .permitted = (uint32_t)(set >> 32)},
  };
  return syscall(SYS_capset, &header, data) == 0;
}
