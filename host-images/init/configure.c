#include "configure.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cgroups.h"
#include "files.h"
#include "network.h"
#include "pressure.h"
#include "wire.h"

enum { ENTROPY_MAX = 512, FILE_MAX = 64 * 1024, HOSTNAME_MAX = 64, SYSCTL_MAX = 4096 };

/* Mixes host entropy in and makes the generator use it at once: clones must not share what they draw. */
static bool set_entropy(struct span entropy, struct failure *failure) {
  union {
    struct rand_pool_info header;
    uint8_t bytes[sizeof(struct rand_pool_info) + ENTROPY_MAX];
  } pool = {.header = {.entropy_count = (int)(8 * entropy.length), .buf_size = (int)entropy.length}};
  if (entropy.length == 0 || entropy.length > ENTROPY_MAX) {
    return refuse(failure, ERROR_INVALID, "ENTROPY: expected 1 to %d bytes", ENTROPY_MAX);
  }
  memcpy(pool.bytes + offsetof(struct rand_pool_info, buf), entropy.bytes, entropy.length);
  int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
  bool done = fd >= 0 && ioctl(fd, RNDADDENTROPY, &pool) == 0 && ioctl(fd, RNDRESEEDCRNG) == 0;
  if (!done) refuse_errno(failure, "ENTROPY");
  if (fd >= 0) close(fd);
  return done;
}

static bool set_clock(struct span value, struct failure *failure) {
  if (value.length != 8) return refuse(failure, ERROR_INVALID, "CLOCK: expected a u64");
  uint64_t time_ns = get_u64(value.bytes);
  struct timespec now = {.tv_sec = (time_t)(time_ns / 1000000000u), .tv_nsec = (long)(time_ns % 1000000000u)};
  return clock_settime(CLOCK_REALTIME, &now) == 0 || refuse_errno(failure, "CLOCK");
}

static bool set_hostname(struct span name, struct failure *failure) {
  char line[HOSTNAME_MAX + 1];
  if (name.length == 0 || name.length > HOSTNAME_MAX || span_has_nul(name)) {
    return refuse(failure, ERROR_INVALID, "HOSTNAME: expected 1 to %d characters", HOSTNAME_MAX);
  }
  memcpy(line, name.bytes, name.length);
  line[name.length] = '\n';
  bool done = sethostname((const char *)name.bytes, name.length) == 0 &&
              file_replace("/etc/hostname", line, name.length + 1);
  return done || refuse_errno(failure, "HOSTNAME");
}

static bool set_file(const char *path, const char *field, struct span content, struct failure *failure) {
  if (content.length > FILE_MAX) return refuse(failure, ERROR_INVALID, "%s: longer than %d bytes", field, FILE_MAX);
  return file_replace(path, content.bytes, content.length) || refuse_errno(failure, "%s", field);
}

static bool set_resolv_conf(struct span content, struct failure *failure) {
  return set_file("/etc/resolv.conf", "RESOLV_CONF", content, failure);
}

static bool set_hosts(struct span content, struct failure *failure) {
  return set_file("/etc/hosts", "HOSTS", content, failure);
}

/* `net.core.somaxconn=1024`; slashes and dots both separate, as for sysctl. */
static bool set_sysctl(struct span setting, struct failure *failure) {
  char path[SYSCTL_MAX + 16] = "/proc/sys/";
  if (setting.length > SYSCTL_MAX || span_has_nul(setting)) {
    return refuse(failure, ERROR_INVALID, "SYSCTL: expected name=value");
  }
  size_t prefix = strlen(path);
  memcpy(path + prefix, setting.bytes, setting.length);
  path[prefix + setting.length] = '\0';
  char *value = strchr(path, '=');
  if (value == NULL || strstr(path, "..") != NULL) {
    return refuse(failure, ERROR_INVALID, "SYSCTL: expected name=value");
  }
  *value++ = '\0';
  if (strchr(path + prefix, '/') == NULL) {
    for (char *next = path + prefix; *next != '\0'; next++) {
      if (*next == '.') *next = '/';
    }
  }
  return file_write(path, value) || refuse_errno(failure, "SYSCTL %s", path + prefix);
}

static bool set_pod_resources(struct span resources, struct failure *failure) {
  if (!fields_are_whole(resources)) return refuse(failure, ERROR_INVALID, "POD_RESOURCES: ends within a field");
  return cgroup_update(CGROUP_OF_POD, resources, failure);
}

/* In the order in which they take effect. */
static const struct {
  uint16_t tag;
  bool (*apply)(struct span value, struct failure *failure);
} steps[] = {
    {TAG_ENTROPY, set_entropy},         {TAG_CLOCK, set_clock}, {TAG_HOSTNAME, set_hostname},
    {TAG_NETWORK, network_configure},   {TAG_RESOLV_CONF, set_resolv_conf},
    {TAG_HOSTS, set_hosts},             {TAG_SYSCTL, set_sysctl},
    {TAG_POD_RESOURCES, set_pod_resources}, {TAG_MEMORY_GROWTH, pressure_begin},
};

enum outcome configure(struct request *request) {
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    struct span rest = request->fields;
    struct field field;
    while (field_next(&rest, &field)) {
      if (field.tag == steps[i].tag && !steps[i].apply(field.value, request->failure)) return OUTCOME_REFUSED;
    }
  }
  port_set_state(STATE_CONFIGURED);
  return OUTCOME_DONE;
}

void configure_defaults(void) {
  static const char hosts[] = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
  /* What container engines and the kubelet set on their hosts. */
  static const char *const settings[][2] = {
      {"/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"},
      {"/proc/sys/net/ipv4/ping_group_range", "0 2147483647"},
      {"/proc/sys/vm/overcommit_memory", "1"},
      {"/proc/sys/vm/max_map_count", "262144"},
      {"/proc/sys/fs/inotify/max_user_instances", "8192"},
      {"/proc/sys/fs/inotify/max_user_watches", "524288"},
  };
  file_replace("/etc/hosts", hosts, strlen(hosts));
  file_replace("/etc/hostname", "", 0);
  file_replace("/etc/resolv.conf", "", 0);
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) file_write(settings[i][0], settings[i][1]);
}
