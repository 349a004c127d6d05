/*
 * A plugin of QEMU's emulator (docs/devel/tcg-plugins of QEMU, versions 1 and 2 of its interface):
 *   -plugin FILE,bytes=SIZE      SIZE is that of the buffer for translated code, as tb-size says it
 * At SIGURG it has QEMU forget the code that it has translated, and gives the memory back to the host: most of what a
 * guest needs to start a container never runs again. QEMU itself keeps such memory for good. What does run again is
 * translated again. SIGURG does nothing to a QEMU without this plugin.
 */
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define EXPORTED __attribute__((visibility("default")))
#define MAYBE __attribute__((weak))

enum {
  PAGE = 4096,
  /* At the buffer's beginning is what leads into translated code: a few pages at most, and it stays. */
  KEPT = 16 * PAGE,
};

typedef uint64_t plugin_id;
void qemu_plugin_register_vcpu_idle_cb(plugin_id id, void (*callback)(plugin_id id, unsigned vcpu));
void qemu_plugin_reset(plugin_id id, void (*callback)(plugin_id id));
/* Since version 2 of the interface, which is where QEMU 9 begins; it refuses version 1. */
extern void *qemu_plugin_scoreboard_new(size_t size) MAYBE;
/* QEMU's way into translated code, which is the first thing in the buffer. */
extern uintptr_t tcg_qemu_tb_exec MAYBE;

EXPORTED int qemu_plugin_version = 1;
EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments);

static size_t buffer_bytes;
static atomic_bool is_wanted;

__attribute__((constructor)) static void choose_version(void) {
  if (qemu_plugin_scoreboard_new != NULL) qemu_plugin_version = 2;
}

static void on_signal(int number) {
  (void)number;
  atomic_store(&is_wanted, true);
}

static void on_idle(plugin_id id, unsigned vcpu);

/* No processor runs, and no translated code is there any more. */
static void on_reset(plugin_id id) {
  if (&tcg_qemu_tb_exec != NULL && buffer_bytes > KEPT) {
    uintptr_t start = tcg_qemu_tb_exec & ~(uintptr_t)(PAGE - 1);
    madvise((void *)(start + KEPT), buffer_bytes - KEPT, MADV_DONTNEED);
  }
  malloc_trim(0);
  qemu_plugin_register_vcpu_idle_cb(id, on_idle);
}

static void on_idle(plugin_id id, unsigned vcpu) {
  (void)vcpu;
  if (atomic_exchange(&is_wanted, false)) qemu_plugin_reset(id, on_reset);
}

int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments) {
  static const char option[] = "bytes=";
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  (void)info;
  for (int i = 0; i < count; i++) {
    if (strncmp(arguments[i], option, sizeof option - 1) == 0) {
      buffer_bytes = strtoul(arguments[i] + sizeof option - 1, NULL, 10);
    }
  }
  if (sigaction(SIGURG, &action, NULL) != 0) return 1;
  qemu_plugin_register_vcpu_idle_cb(id, on_idle);
  return 0;
}
