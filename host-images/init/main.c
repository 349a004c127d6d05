/* PID 1 of a CRX guest: makes the machine ready, then serves the host over two virtio-serial ports. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups.h"
#include "child.h"
#include "configure.h"
#include "control.h"
#include "disks.h"
#include "errand.h"
#include "files.h"
#include "growth.h"
#include "log.h"
#include "modules.h"
#include "network.h"
#include "pause.h"
#include "pod-disk.h"
#include "power.h"
#include "pressure.h"
#include "process.h"
#include "rehearsal.h"
#include "rings.h"
#include "streams.h"
#include "tally.h"
#include "volume-growth.h"

/* So many frames of streams go out before control has its turn. */
enum { STREAM_FRAMES = 8, CONTROL_FRAMES = 32 };

/* More than all tables full could have open. */
enum { DESCRIPTORS_MAX = 4096 };

static void must_mount(const char *kind, const char *target, unsigned long flags, const char *options) {
  mkdir(target, 0755);
  if (mount(kind, target, kind, flags, options) != 0) log_line("mount %s: %s", target, strerror(errno));
}

/* pivot_root, which containers need, does not work from the kernel's first file system: moves to a tmpfs over it. */
static void leave_first_root(void) {
  mkdir("/root", 0755);
  if (mount("tmpfs", "/root", "tmpfs", 0, "mode=755") != 0 || chdir("/root") != 0) return;
  static const char *const folders[] = {"dev", "proc", "sys", "etc", "run", "mnt", "disks", "volumes"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) mkdir(folders[i], 0755);
  if (mount(".", "/", NULL, MS_MOVE, NULL) == 0 && chroot(".") == 0) return;
  log_line("cannot leave the first root: %s", strerror(errno));
}

/* Has the library ask the kernel for memory of all small sizes now: it gives back what holds nothing, so one piece of
   each stays taken, and one is there to be had. */
static void fill_heap(void) {
  enum { SMALLEST = 16, LARGEST = 4096 };
  for (size_t size = SMALLEST; size <= LARGEST; size += size / 4) {
    void *volatile kept = malloc(size);
    void *volatile spare = malloc(size);
    (void)kept;
    free(spare);
  }
}

/* A template does beforehand what each of its clones would have to do. */
static void make_ready_for_clones(void) {
  rehearsal_prepare();
  cgroups_make_ready();
  pod_disk_make_ready();
}

static void make_ready(void) {
  umask(0);
  modules_load(); /* while the initramfs is in sight */
  leave_first_root();
  must_mount("devtmpfs", "/dev", MS_NOSUID, "mode=755");
  int null = open("/dev/null", O_RDWR);
  for (int fd = STDIN; fd < STDIO_COUNT; fd++) dup2(null, fd);
  if (null >= STDIO_COUNT) close(null);
  must_mount("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  must_mount("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  must_mount("cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  must_mount("tmpfs", "/run/shm", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=64m");
  umask(0022);
  /* The agent goes before the containers' processes, and outlives a lack of memory. */
  const struct rlimit descriptors = {DESCRIPTORS_MAX, DESCRIPTORS_MAX};
  setrlimit(RLIMIT_NOFILE, &descriptors);
  setpriority(PRIO_PROCESS, 0, -20);
  file_write("/proc/self/oom_score_adj", "-1000");
  cgroups_init();
  if (!network_loopback_up()) log_line("loopback: %s", strerror(errno));
  network_init();
  configure_defaults();
  mount_points_make();
  rings_init();
  fill_heap();
  growth_init();
  char command_line[2048];
  bool known = file_read("/proc/cmdline", command_line, sizeof command_line) > 0;
  if (known && strstr(command_line, "pacific.rehearsal=1") != NULL) make_ready_for_clones();
}

static void children_ended(struct watch *watch, uint32_t events) {
  (void)events;
  struct signalfd_siginfo information;
  while (read(watch->fd, &information, sizeof information) > 0) {
  }
  processes_reap();
}

static void open_ports(void) {
  port_try_open(&control_port);
  port_try_open(&streams_port);
}

/* Devices came: a port that is missing or a disk that is waited for may be among them. */
static void devices_changed(struct watch *watch, uint32_t events) {
  (void)events;
  char message[4096];
  for (ssize_t length; (length = recv(watch->fd, message, sizeof message - 1, MSG_DONTWAIT)) > 0;) {
    message[length] = '\0';
    growth_announced(message);
  }
  open_ports();
  disks_look();
}

static bool watch_children(void) {
  static struct watch watch;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
  watch = (struct watch){signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), children_ended};
  return watch.fd >= 0 && loop_add(&watch);
}

static bool watch_devices(void) {
  static struct watch watch;
  const struct sockaddr_nl kernel_events = {.nl_family = AF_NETLINK, .nl_groups = 1};
  watch = (struct watch){socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT),
                         devices_changed};
  if (watch.fd < 0) return false;
  return bind(watch.fd, (const struct sockaddr *)&kernel_events, sizeof kernel_events) == 0 && loop_add(&watch);
}

/* Of two times, -1 being never. */
static int sooner(int one, int other) {
  if (one < 0 || other < 0) return one < 0 ? other : one;
  return one < other ? one : other;
}

static _Noreturn void serve(void) {
  for (;;) {
    bool more = port_pump(&control_port, CONTROL_FRAMES);
    more |= port_pump(&streams_port, STREAM_FRAMES);
    /* What a stream's frame set in motion may be for control, and the other way round: both before waiting. */
    if (power_off_is_due() && !more) power_off_now();
    int due = sooner(sooner(tally_timeout_ms(), growth_timeout_ms()), pressure_timeout_ms());
    due = sooner(sooner(disks_timeout_ms(), volume_growth_timeout_ms()), due);
    due = sooner(errands_timeout_ms(), due);
    loop_step(more ? 0 : due);
    disks_look();
    volume_growth_look();
    errands_look();
    tally_look();
    growth_look();
    pressure_look();
  }
}

int main(int count, char **arguments) {
  if (count > 0 && strcmp(arguments[0], PAUSE_NAME) == 0) pause_for_ever();
  if (count > 0 && strcmp(arguments[0], REHEARSAL_NAME) == 0) rehearse(count);
  make_ready();
  if (!loop_init() || !watch_children() || !watch_devices()) {
    log_line("cannot begin: %s", strerror(errno));
    return 1; /* a kernel panic, which tells the host */
  }
  open_ports();
  serve();
}
