/* What a container mounts beside its root: volumes, images, tmpfs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "files.h"
#include "mount-tree.h"
#include "sub-path.h"
#include "wire.h"

enum { MOUNTS_MAX = 256, TARGET_SIZE = 4096, SOURCE_SIZE = sizeof "/volumes/" + ID_SIZE };

/* The open trees, in the order of the MOUNT fields; 0 for a tmpfs. */
static int trees[MOUNTS_MAX];

static uint32_t number(struct span fields, uint16_t tag, uint32_t absent) {
  field_u32(fields, tag, &absent);
  return absent;
}

static int open_source(const struct child *child, struct span fields, uint32_t kind) {
  char name[ID_SIZE];
  char path[SOURCE_SIZE];
  char sub_path[SUB_PATH_SIZE];
  field_text(fields, TAG_MOUNT_SOURCE, name, sizeof name);
  field_text(fields, TAG_MOUNT_SUB_PATH, sub_path, sizeof sub_path);
  snprintf(path, sizeof path, "/%s/%s", kind == MOUNT_DISK ? "disks" : "volumes", name);
  if (kind == MOUNT_VOLUME && mkdir(path, 0755) == 0) chmod(path, number(fields, TAG_MODE, 0777) & 07777);
  int source = sub_path[0] == '\0' ? open(path, O_PATH | O_CLOEXEC) : sub_path_open(path, sub_path);
  int tree = source < 0 ? -1 : tree_open(source, "");
  if (tree < 0) child_fail(child, "open %s of volume %s: %s", sub_path, name, strerror(errno));
  close(source);
  return tree;
}

void mounts_open(const struct child *child) {
  struct span rest = container_definition(child->container);
  struct field field;
  size_t index = 0;
  while (field_next(&rest, &field)) {
    if (field.tag != TAG_MOUNT) continue;
    if (index == MOUNTS_MAX) child_fail(child, "more than %d mounts", MOUNTS_MAX);
    uint32_t kind = number(field.value, TAG_MOUNT_KIND, MOUNT_TMPFS);
    trees[index++] = kind == MOUNT_TMPFS ? 0 : open_source(child, field.value, kind);
  }
  /* Leaving the old root unmounts all that is below it; nobody else is to notice. */
  bool apart = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  if (!apart) child_fail(child, "keep mounts apart: %s", strerror(errno));
}

static void mount_tmpfs(const struct child *child, struct span fields, const char *target, uint32_t options) {
  char text[96];
  uint64_t size = 0;
  field_u64(fields, TAG_SIZE, &size);
  int used = snprintf(text, sizeof text, "mode=%o", number(fields, TAG_MODE, 01777) & 07777);
  if (size > 0) snprintf(text + used, sizeof text - (size_t)used, ",size=%llu", (unsigned long long)size);
  unsigned long flags = MS_NOSUID | MS_NODEV | ((options & MOUNT_READ_ONLY) != 0 ? MS_RDONLY : 0ul) |
                        ((options & MOUNT_NO_EXEC) != 0 ? MS_NOEXEC : 0ul);
  if (make_folders(target, 0755) && mount("tmpfs", target, "tmpfs", flags, text) == 0) return;
  child_fail(child, "mount tmpfs on %s: %s", target, strerror(errno));
}

static bool set_options(int tree, uint32_t options) {
  unsigned long propagation = (options & MOUNT_SHARED) != 0 ? MS_SHARED : MS_PRIVATE;
  if ((options & MOUNT_SLAVE) != 0) propagation = MS_SLAVE;
  uint64_t attributes = ((options & MOUNT_READ_ONLY) != 0 ? (uint64_t)MOUNT_ATTR_RDONLY : 0) |
                        ((options & MOUNT_NO_EXEC) != 0 ? (uint64_t)MOUNT_ATTR_NOEXEC : 0);
  return tree_propagate(tree, propagation) && tree_set(tree, attributes, (options & MOUNT_RECURSIVE) != 0);
}

/* A folder covers a folder, a file a file; what is missing is made. */
static bool make_target(int tree, const char *target) {
  struct stat status;
  if (fstat(tree, &status) != 0) return false;
  return S_ISDIR(status.st_mode) ? make_folders(target, 0755) : tree_make_file(target);
}

void mounts_attach(const struct child *child) {
  struct span rest = container_definition(child->container);
  struct field field;
  size_t index = 0;
  while (field_next(&rest, &field)) {
    char target[TARGET_SIZE];
    if (field.tag != TAG_MOUNT) continue;
    field_text(field.value, TAG_MOUNT_TARGET, target, sizeof target);
    uint32_t options = number(field.value, TAG_MOUNT_OPTIONS, 0);
    int tree = trees[index++];
    if (tree == 0) {
      mount_tmpfs(child, field.value, target, options);
    } else if (!make_target(tree, target) || !set_options(tree, options) || !tree_attach(tree, target)) {
      child_fail(child, "mount a volume on %s: %s", target, strerror(errno));
    }
  }
}
