#include "port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "log.h"
#include "wire.h"

#define AGENT_VERSION "1"

static uint32_t hello_state;

void port_set_state(uint32_t bits) { hello_state |= bits; }

static void session_end(struct port *port) {
  frame_forget(&port->buffers->parser);
  port->session = 0;
  port->hello_due = false;
  port->out_start = port->out_end = 0;
}

bool port_find(const char *name, char *path, size_t size) {
  DIR *folder = opendir("/sys/class/virtio-ports");
  if (folder == NULL) return false;
  bool found = false;
  for (struct dirent *entry = readdir(folder); entry != NULL && !found; entry = readdir(folder)) {
    char file[320];
    char value[64];
    snprintf(file, sizeof file, "/sys/class/virtio-ports/%s/name", entry->d_name);
    found = entry->d_name[0] != '.' && file_read_line(file, value, sizeof value) && strcmp(value, name) == 0;
    if (found) snprintf(path, size, "/dev/%s", entry->d_name);
  }
  closedir(folder);
  return found;
}

static void ready(struct watch *watch, uint32_t events) {
  (void)events;
  struct port *port = (struct port *)((char *)watch - offsetof(struct port, watch));
  port->input_left = true;
}

void port_try_open(struct port *port) {
  char path[320];
  if (port->watch.fd >= 0 || !port_find(port->name, path, sizeof path)) return;
  port->watch = (struct watch){open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC), ready};
  if (port->watch.fd < 0 || !loop_add(&port->watch)) {
    log_line("cannot open %s (%s): %s", path, port->name, strerror(errno));
    loop_close(&port->watch);
    return;
  }
  port->input_left = true;
}

uint8_t *port_payload(struct port *port) { return port->buffers->out + FRAME_HEADER; }

void port_frame_out(struct port *port, uint8_t type, uint16_t flags, uint32_t id, size_t payload_length) {
  port->out_start = 0;
  port->out_end = frame_wrap(port->buffers->out, type, flags, port->session, id, payload_length);
}

static void fill_hello(struct writer *answer) {
  struct utsname names;
  struct timespec uptime = {0};
  char text[64];
  uint8_t boot_id[16] = {0};
  write_u32(answer, TAG_VERSION, PROTOCOL_VERSION);
  /* The kernel draws it when it is first read: not before a template's clone has entropy of its own. */
  bool configured = (hello_state & STATE_CONFIGURED) != 0;
  if (configured && file_read_line("/proc/sys/kernel/random/boot_id", text, sizeof text)) {
    size_t digits = 0;
    for (const char *next = text; *next != '\0' && digits < 32; next++) {
      if (*next == '-') continue;
      unsigned digit = *next <= '9' ? (unsigned)(*next - '0') : (unsigned)(*next - 'a' + 10);
      boot_id[digits / 2] = (uint8_t)(boot_id[digits / 2] << 4 | (digit & 15));
      digits++;
    }
  }
  if (configured) write_bytes(answer, TAG_BOOT_ID, boot_id, sizeof boot_id);
  if (uname(&names) == 0) write_string(answer, TAG_KERNEL, names.release);
  write_string(answer, TAG_AGENT, AGENT_VERSION);
  clock_gettime(CLOCK_BOOTTIME, &uptime);
  write_u64(answer, TAG_UPTIME, (uint64_t)uptime.tv_sec * 1000000000u + (uint64_t)uptime.tv_nsec);
  write_u32(answer, TAG_STATE, hello_state);
}

static void send_hello(struct port *port) {
  struct writer answer = {.limit = 4096};
  fill_hello(&answer);
  if (answer.length > 0) memcpy(port_payload(port), answer.bytes, answer.length);
  port_frame_out(port, TYPE_HELLO_OK, 0, 0, answer.length);
  port->hello_due = false;
  writer_free(&answer);
}

static void refuse_hello(struct port *port, uint64_t session) {
  struct writer answer = {.limit = 256};
  session_end(port);
  write_u32(&answer, TAG_VERSION_MIN, PROTOCOL_VERSION);
  write_u32(&answer, TAG_VERSION_MAX, PROTOCOL_VERSION);
  if (answer.length > 0) memcpy(port_payload(port), answer.bytes, answer.length);
  port->out_end = frame_wrap(port->buffers->out, TYPE_HELLO_REFUSED, 0, session, 0, answer.length);
  writer_free(&answer);
}

static void take_hello(struct port *port, const struct frame *hello) {
  uint32_t min = 0;
  uint32_t max = 0;
  if (field_u32(hello->payload, TAG_VERSION_MIN, &min) != FOUND) return;
  if (field_u32(hello->payload, TAG_VERSION_MAX, &max) != FOUND) return;
  if (min > PROTOCOL_VERSION || max < PROTOCOL_VERSION) {
    refuse_hello(port, hello->session);
    return;
  }
  if (hello->session != port->session) {
    port->session = hello->session;
    port->out_start = port->out_end = 0; /* the rest of a frame that nobody waits for any more */
    port->begin();
  }
  port->hello_due = true;
}

/* Takes the frames that the parser holds. False when it stopped because no more may be taken now. */
static bool take_frames(struct port *port) {
  struct frame frame;
  for (;;) {
    if (port->may_take != NULL && !port->may_take()) return false;
    if (!frame_next(&port->buffers->parser, port->session, &frame)) return true;
    if (frame.type == TYPE_HELLO) {
      take_hello(port, &frame);
    } else {
      port->take(&frame);
    }
  }
}

/* Reads once. False when there is nothing to read. */
static bool receive(struct port *port) {
  struct frame_room room = frame_room(&port->buffers->parser);
  ssize_t got = read(port->watch.fd, room.bytes, room.length);
  if (got > 0) {
    frame_received(&port->buffers->parser, (size_t)got);
    return true;
  }
  if (got == 0) session_end(port); /* the host's end was closed */
  if (got < 0 && errno == EINTR) return true;
  port->input_left = false;
  return false;
}

/* Writes what is left of the frame under way. False when the port takes no more. */
static bool flush(struct port *port) {
  while (port->out_start < port->out_end) {
    ssize_t sent = write(port->watch.fd, port->buffers->out + port->out_start, port->out_end - port->out_start);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    port->out_start += (size_t)sent;
  }
  return true;
}

static bool next_frame_out(struct port *port) {
  if (port->session == 0) return false;
  if (port->hello_due) {
    send_hello(port);
    return true;
  }
  return port->produce(port);
}

bool port_pump(struct port *port, unsigned frames) {
  if (port->watch.fd < 0) return false;
  bool input_waits = !take_frames(port);
  if (!input_waits && port->input_left && receive(port)) input_waits = !take_frames(port);
  for (; frames > 0; frames--) {
    if (!flush(port)) return port->input_left && !input_waits;
    if (!next_frame_out(port)) break;
  }
  bool more_to_send = frames == 0;
  /* Input that had to wait for room in what is to be sent finds it now. */
  return more_to_send || input_waits || port->input_left;
}
