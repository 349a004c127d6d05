#include "volume-entry.h"

#include "fields.h"
#include "wire.h"

enum { MODE_BITS = 07777 };

/* Neither absolute nor with a part that leads elsewhere than down. `..data` is a name like any other. */
static bool path_leads_down(const char *path) {
  for (;;) {
    size_t length = strcspn(path, "/");
    if (length == 0 || (length == 1 && path[0] == '.') || (length == 2 && path[0] == '.' && path[1] == '.')) {
      return false;
    }
    if (path[length] == '\0') return true;
    path += length + 1;
  }
}

const char *volume_entry_read(struct span fields, struct volume_entry *entry) {
  *entry = (struct volume_entry){.kind = 0};
  if (!fields_are_whole(fields)) return "ends within a field";
  if (field_u32(fields, TAG_ENTRY_KIND, &entry->kind) != FOUND) return "ENTRY_KIND is missing";
  if (entry->kind < ENTRY_FOLDER || entry->kind > ENTRY_LINK) return "ENTRY_KIND is unknown";
  if (field_string(fields, TAG_PATH, entry->path, sizeof entry->path) != FOUND) return "PATH is missing or too long";
  if (!path_leads_down(entry->path)) return "PATH leads out of the volume";
  bool sized = field_u32(fields, TAG_MODE, &entry->mode) != MALFORMED &&
               field_u32(fields, TAG_OWNER, &entry->owner) != MALFORMED &&
               field_u32(fields, TAG_GROUP_ID, &entry->group) != MALFORMED;
  if (!sized || entry->mode > MODE_BITS) return "MODE, OWNER or GROUP_ID does not fit";
  field_find(fields, TAG_CONTENT, &entry->content);
  if (entry->kind != ENTRY_LINK) return NULL;
  bool leads = entry->content.length > 0 && entry->content.length < ENTRY_PATH_SIZE && !span_has_nul(entry->content);
  return leads ? NULL : "CONTENT: expected where the link leads";
}
