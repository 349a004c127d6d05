#include "check.h"
#include "fields.h"

static struct span written(const struct writer *writer) { return (struct span){writer->bytes, writer->length}; }

static void fields_come_out_as_they_went_in(void) {
  struct writer writer = {.limit = 1000};
  uint32_t small = 0;
  uint64_t large = 0;
  char text[8] = "";
  write_u32(&writer, 1, 42);
  write_u64(&writer, 2, UINT64_C(1) << 40);
  write_string(&writer, 3, "seven77");
  write_string(&writer, 4, "");
  struct span message = written(&writer);
  CHECK(fields_are_whole(message));
  CHECK(field_u32(message, 1, &small) == FOUND && small == 42);
  CHECK(field_u64(message, 2, &large) == FOUND && large == UINT64_C(1) << 40);
  CHECK(field_string(message, 3, text, sizeof text) == FOUND && strcmp(text, "seven77") == 0);
  CHECK(field_string(message, 4, text, sizeof text) == ABSENT);
  CHECK(field_u32(message, 9, &small) == ABSENT && small == 42);
  writer_free(&writer);
}

static void wrong_sizes_are_malformed_and_change_nothing(void) {
  struct writer writer = {.limit = 1000};
  uint32_t small = 5;
  char text[4] = "x";
  write_u64(&writer, 1, 1);
  write_string(&writer, 2, "long");
  write_bytes(&writer, 3, "a\0b", 3);
  CHECK(field_u32(written(&writer), 1, &small) == MALFORMED && small == 5);
  CHECK(field_string(written(&writer), 2, text, sizeof text) == MALFORMED);
  CHECK(field_string(written(&writer), 3, text, sizeof text) == MALFORMED && strcmp(text, "x") == 0);
  writer_free(&writer);
}

static void a_cut_message_is_not_whole_at_any_byte(void) {
  struct writer writer = {.limit = 1000};
  write_string(&writer, 1, "abc");
  write_u32(&writer, 2, 1);
  size_t first = 6 + 3;
  for (size_t length = 1; length < writer.length; length++) {
    bool whole = fields_are_whole((struct span){writer.bytes, length});
    CHECK(whole == (length == first));
  }
  writer_free(&writer);
}

static void groups_nest(void) {
  struct writer writer = {.limit = 1000};
  struct span outer;
  struct span inner;
  uint32_t value = 0;
  size_t first = write_group_begin(&writer, 10);
  size_t second = write_group_begin(&writer, 11);
  write_u32(&writer, 12, 7);
  write_group_end(&writer, second);
  write_group_end(&writer, first);
  write_u32(&writer, 13, 8);
  CHECK(field_find(written(&writer), 10, &outer) && field_find(outer, 11, &inner));
  CHECK(field_u32(inner, 12, &value) == FOUND && value == 7);
  CHECK(field_u32(outer, 13, &value) == ABSENT);
  CHECK(fields_are_whole(written(&writer)));
  writer_free(&writer);
}

static void a_full_writer_says_so_and_keeps_what_it_has(void) {
  struct writer writer = {.limit = 20};
  write_u32(&writer, 1, 1);
  write_u64(&writer, 2, 2);
  CHECK(writer.overflow && writer.length == 10);
  writer_free(&writer);
}

static void messages_that_are_written_at_once_keep_apart(void) {
  struct writer first = {.limit = 4096};
  struct writer second = {.limit = 4096};
  char text[2000];
  uint32_t value = 0;
  memset(text, 'x', sizeof text);
  for (int round = 0; round < 2; round++) {
    write_u32(&first, 1, 1);
    write_u32(&second, 1, 2);
    write_bytes(&first, 2, text, sizeof text);
    CHECK(field_u32(written(&first), 1, &value) == FOUND && value == 1);
    CHECK(field_u32(written(&second), 1, &value) == FOUND && value == 2);
    writer_free(&second);
    write_u32(&second, 3, 3);
    CHECK(first.length == 10 + 6 + sizeof text && fields_are_whole(written(&first)));
    writer_free(&first);
    CHECK(field_u32(written(&second), 3, &value) == FOUND && value == 3);
    writer_free(&second);
  }
}

int main(void) {
  fields_come_out_as_they_went_in();
  wrong_sizes_are_malformed_and_change_nothing();
  a_cut_message_is_not_whole_at_any_byte();
  groups_nest();
  a_full_writer_says_so_and_keeps_what_it_has();
  messages_that_are_written_at_once_keep_apart();
  puts("fields: ok");
}
