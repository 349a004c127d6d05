#include "check.h"
#include "fields.h"
#include "volume-entry.h"
#include "wire.h"

static struct volume_entry entry;

/* What reading an entry of this kind, path and content says. */
static const char *read_entry(uint32_t kind, const char *path, const char *content) {
  struct writer writer = {.limit = 2 * ENTRY_PATH_SIZE + 100};
  write_u32(&writer, TAG_ENTRY_KIND, kind);
  write_string(&writer, TAG_PATH, path);
  write_u32(&writer, TAG_MODE, 0640);
  write_u32(&writer, TAG_OWNER, 7);
  write_u32(&writer, TAG_GROUP_ID, 8);
  write_string(&writer, TAG_CONTENT, content);
  const char *wrong = volume_entry_read((struct span){writer.bytes, writer.length}, &entry);
  bool kept = wrong == NULL && span_equals(entry.content, content);
  CHECK(wrong != NULL || (entry.kind == kind && kept && strcmp(entry.path, path) == 0));
  CHECK(wrong != NULL || (entry.mode == 0640 && entry.owner == 7 && entry.group == 8));
  writer_free(&writer);
  return wrong;
}

static void entries_come_out_as_they_went_in(void) {
  CHECK(read_entry(ENTRY_FOLDER, "..2026_01_02", "") == NULL);
  CHECK(read_entry(ENTRY_FILE, "..2026_01_02/deep/file", "text") == NULL);
  CHECK(read_entry(ENTRY_MORE, "a", "more") == NULL);
  CHECK(read_entry(ENTRY_LINK, "..data", "..2026_01_02") == NULL);
}

static void paths_lead_down(void) {
  static const char *const wrong[] = {"", "/", "/etc", "..", ".", "a/..", "../a", "a/../b", "a//b", "a/", "./a", "a/."};
  static const char *const good[] = {"a", "a/b", "..a", "...", ".a/..b", "a..", "a/...", "a b"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) CHECK(read_entry(ENTRY_FILE, wrong[i], "") != NULL);
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) CHECK(read_entry(ENTRY_FILE, good[i], "") == NULL);
  static char deep[ENTRY_PATH_SIZE + 1];
  memset(deep, 'a', ENTRY_PATH_SIZE);
  CHECK(read_entry(ENTRY_FILE, deep, "") != NULL);
  CHECK(read_entry(ENTRY_FILE, deep + 1, "") == NULL);
}

static void what_is_no_entry_is_named(void) {
  CHECK(read_entry(0, "a", "") != NULL);
  CHECK(read_entry(5, "a", "") != NULL);
  CHECK(read_entry(ENTRY_LINK, "a", "") != NULL);
  struct writer writer = {.limit = 200};
  write_u32(&writer, TAG_ENTRY_KIND, ENTRY_FILE);
  CHECK(volume_entry_read((struct span){writer.bytes, writer.length}, &entry) != NULL);
  write_string(&writer, TAG_PATH, "a");
  CHECK(volume_entry_read((struct span){writer.bytes, writer.length}, &entry) == NULL);
  CHECK(volume_entry_read((struct span){writer.bytes, writer.length - 1}, &entry) != NULL);
  size_t length = writer.length;
  write_u32(&writer, TAG_MODE, 010000);
  CHECK(volume_entry_read((struct span){writer.bytes, writer.length}, &entry) != NULL);
  writer.length = length;
  write_u64(&writer, TAG_OWNER, 1);
  CHECK(volume_entry_read((struct span){writer.bytes, writer.length}, &entry) != NULL);
  writer_free(&writer);
}

int main(void) {
  entries_come_out_as_they_went_in();
  paths_lead_down();
  what_is_no_entry_is_named();
  puts("volume entry: ok");
}
