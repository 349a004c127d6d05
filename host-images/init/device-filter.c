#include "device-filter.h"

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Any minor number. */
enum { ANY = -1 };

/* Character devices that may be read and written; making device nodes is allowed for all, opening them is not. */
static const struct {
  int32_t major;
  int32_t minor;
} allowed[] = {
    {1, 3},     /* null */
    {1, 5},     /* zero */
    {1, 7},     /* full */
    {1, 8},     /* random */
    {1, 9},     /* urandom */
    {5, 0},     /* tty */
    {5, 2},     /* ptmx */
    {136, ANY}, /* pts */
    {10, 200},  /* net/tun */
};

enum { ALLOWED_COUNT = sizeof allowed / sizeof *allowed, PROGRAM_MAX = 20 + 4 * (ALLOWED_COUNT + RAW_DISKS_MAX) };

enum { R0 = 0, R1 = 1, TYPE = 2, MAJOR = 3, MINOR = 4, ACCESS = 5 };

struct program {
  struct bpf_insn code[PROGRAM_MAX];
  size_t length;
};

static void emit(struct program *program, uint8_t code, unsigned target, unsigned source, int16_t jump, int32_t value) {
  program->code[program->length++] = (struct bpf_insn){
      .code = code, .dst_reg = target & 15, .src_reg = source & 15, .off = jump, .imm = value};
}

static void emit_return(struct program *program, int32_t verdict) {
  emit(program, BPF_ALU64 | BPF_MOV | BPF_K, R0, 0, 0, verdict);
  emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* One device, or all of a major number. */
static void emit_device(struct program *program, int32_t major, int32_t minor) {
  enum { SKIP_IF_NOT = BPF_JMP | BPF_JNE | BPF_K };
  emit(program, SKIP_IF_NOT, MAJOR, 0, minor == ANY ? 2 : 3, major);
  if (minor != ANY) emit(program, SKIP_IF_NOT, MINOR, 0, 2, minor);
  emit_return(program, 1);
}

static void emit_program(struct program *program, const struct raw_disks *raw) {
  enum { LOAD = BPF_LDX | BPF_MEM | BPF_W, SKIP_IF_NOT = BPF_JMP | BPF_JNE | BPF_K };
  emit(program, LOAD, TYPE, R1, offsetof(struct bpf_cgroup_dev_ctx, access_type), 0);
  emit(program, LOAD, MAJOR, R1, offsetof(struct bpf_cgroup_dev_ctx, major), 0);
  emit(program, LOAD, MINOR, R1, offsetof(struct bpf_cgroup_dev_ctx, minor), 0);
  emit(program, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
  emit(program, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
  emit(program, SKIP_IF_NOT, ACCESS, 0, 2, BPF_DEVCG_ACC_MKNOD);
  emit_return(program, 1);
  emit(program, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
  /* Disks first: what they take is known when it is jumped over. */
  size_t jump = program->length;
  emit(program, SKIP_IF_NOT, TYPE, 0, 0, BPF_DEVCG_DEV_BLOCK);
  for (size_t i = 0; i < raw->count; i++) {
    emit_device(program, (int32_t)major(raw->list[i].device), (int32_t)minor(raw->list[i].device));
  }
  program->code[jump].off = (int16_t)(program->length - jump - 1);
  emit(program, BPF_JMP | BPF_JEQ | BPF_K, TYPE, 0, 2, BPF_DEVCG_DEV_CHAR);
  emit_return(program, 0);
  for (size_t i = 0; i < ALLOWED_COUNT; i++) emit_device(program, allowed[i].major, allowed[i].minor);
  emit_return(program, 0);
}

static int load(const struct raw_disks *raw) {
  struct program program = {.length = 0};
  emit_program(&program, raw);
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = (uint64_t)(uintptr_t)program.code;
  attributes.insn_cnt = (uint32_t)program.length;
  attributes.license = (uint64_t)(uintptr_t) "Apache-2.0";
  return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
}

static bool attach(int cgroup_fd, int program_fd) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.target_fd = (uint32_t)cgroup_fd;
  attributes.attach_bpf_fd = (uint32_t)program_fd;
  attributes.attach_type = BPF_CGROUP_DEVICE;
  return syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof attributes) == 0;
}

static int usual_fd = -1;

bool device_filter_load(void) {
  static const struct raw_disks none = {.count = 0};
  if (usual_fd < 0) usual_fd = load(&none);
  return usual_fd >= 0;
}

bool device_filter_attach(int cgroup_fd, const struct raw_disks *raw) {
  if (raw->count == 0) return device_filter_load() && attach(cgroup_fd, usual_fd);
  int program_fd = load(raw);
  bool attached = program_fd >= 0 && attach(cgroup_fd, program_fd);
  if (program_fd >= 0) close(program_fd);
  return attached;
}
