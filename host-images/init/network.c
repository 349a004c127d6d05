#include "network.h"

#include <dirent.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "files.h"
#include "log.h"
#include "wire.h"

enum { MAC_LENGTH = 6, ADDRESS_MAX = 16 };

struct network {
  struct span mac;
  struct span address;
  struct span gateway;
  uint32_t prefix_length;
  uint32_t mtu;
};

struct message {
  struct nlmsghdr header;
  uint8_t body[256];
};

static struct {
  uint8_t bytes[ADDRESS_MAX];
  size_t length;
  uint8_t prefix_length;
} present; /* the address that an earlier request set */

static void add(struct message *message, const void *bytes, size_t length) {
  memcpy((uint8_t *)message + NLMSG_ALIGN(message->header.nlmsg_len), bytes, length);
  message->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(message->header.nlmsg_len) + length);
}

static void add_attribute(struct message *message, uint16_t type, const void *bytes, size_t length) {
  struct rtattr attribute = {.rta_len = (uint16_t)RTA_LENGTH(length), .rta_type = type};
  add(message, &attribute, sizeof attribute);
  memcpy((uint8_t *)message + message->header.nlmsg_len, bytes, length);
  message->header.nlmsg_len += (uint32_t)length;
}

static struct message begin(uint16_t type, uint16_t flags) {
  return (struct message){.header = {.nlmsg_len = NLMSG_HDRLEN,
                                     .nlmsg_type = type,
                                     .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags)}};
}

/* Made once: a clone finds its template's. */
static int kernel_socket(void) {
  static int fd = -1;
  if (fd < 0) fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  return fd;
}

/* Sends a message and takes the kernel's verdict. False with errno. */
static bool apply(const struct message *message) {
  struct {
    struct nlmsghdr header;
    struct nlmsgerr verdict;
    uint8_t rest[512];
  } answer;
  int fd = kernel_socket();
  if (fd < 0) return false;
  ssize_t got = -1;
  if (send(fd, message, message->header.nlmsg_len, 0) >= 0) got = recv(fd, &answer, sizeof answer, 0);
  int error = errno;
  bool complete = got >= (ssize_t)(sizeof answer.header + sizeof(int));
  errno = complete ? -answer.verdict.error : error;
  return complete && answer.verdict.error == 0;
}

static bool set_link(int index, const struct network *network) {
  struct ifinfomsg link = {.ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  struct message message = begin(RTM_NEWLINK, 0);
  add(&message, &link, sizeof link);
  if (network != NULL && network->mac.length > 0) {
    add_attribute(&message, IFLA_ADDRESS, network->mac.bytes, network->mac.length);
  }
  if (network != NULL && network->mtu > 0) add_attribute(&message, IFLA_MTU, &network->mtu, sizeof network->mtu);
  return apply(&message);
}

static uint8_t family_of(size_t address_length) { return address_length == 4 ? AF_INET : AF_INET6; }

static bool change_address(int index, uint16_t type, const uint8_t *bytes, size_t length, uint8_t prefix_length) {
  struct ifaddrmsg address = {.ifa_family = family_of(length),
                              .ifa_prefixlen = prefix_length,
                              .ifa_flags = IFA_F_NODAD,
                              .ifa_index = (uint32_t)index};
  struct message message = begin(type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_REPLACE : 0);
  add(&message, &address, sizeof address);
  add_attribute(&message, IFA_LOCAL, bytes, length);
  add_attribute(&message, IFA_ADDRESS, bytes, length);
  return apply(&message);
}

/* A route through the gateway, or, with no gateway, to an address that is on the link. */
static bool add_route(int index, struct span to, struct span gateway) {
  struct span any = to.length > 0 ? to : gateway;
  struct rtmsg route = {.rtm_family = family_of(any.length),
                        .rtm_dst_len = (uint8_t)(8 * to.length),
                        .rtm_table = RT_TABLE_MAIN,
                        .rtm_protocol = RTPROT_STATIC,
                        .rtm_scope = gateway.length > 0 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
                        .rtm_type = RTN_UNICAST};
  struct message message = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
  add(&message, &route, sizeof route);
  if (to.length > 0) add_attribute(&message, RTA_DST, to.bytes, to.length);
  if (gateway.length > 0) add_attribute(&message, RTA_GATEWAY, gateway.bytes, gateway.length);
  add_attribute(&message, RTA_OIF, &index, sizeof index);
  return apply(&message);
}

/* Whether two addresses agree in their first bits. */
static bool same_network(struct span left, struct span right, uint32_t bits) {
  for (uint32_t i = 0; i < bits; i++) {
    if (((left.bytes[i / 8] ^ right.bytes[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
  }
  return true;
}

static bool is_address(struct span bytes) { return bytes.length == 4 || bytes.length == ADDRESS_MAX; }

static bool read_group(struct span group, struct network *network, struct failure *failure) {
  *network = (struct network){.prefix_length = 0};
  field_find(group, TAG_MAC, &network->mac);
  field_find(group, TAG_ADDRESS, &network->address);
  field_find(group, TAG_GATEWAY, &network->gateway);
  field_u32(group, TAG_PREFIX_LENGTH, &network->prefix_length);
  field_u32(group, TAG_MTU, &network->mtu);
  bool good = fields_are_whole(group) && network->mac.length == MAC_LENGTH && is_address(network->address) &&
              network->prefix_length <= 8 * network->address.length &&
              (network->gateway.length == 0 || network->gateway.length == network->address.length);
  return good || refuse(failure, ERROR_INVALID, "NETWORK: expected MAC, ADDRESS and PREFIX_LENGTH");
}

/* The first interface that is not loopback; 0 when there is none. It stays, once it was found. */
static int interface_index(void) {
  static int index;
  if (index != 0) return index;
  DIR *folder = opendir("/sys/class/net");
  if (folder == NULL) return 0;
  for (struct dirent *entry = readdir(folder); entry != NULL && index == 0; entry = readdir(folder)) {
    char path[320];
    snprintf(path, sizeof path, "/sys/class/net/%s/device", entry->d_name);
    if (entry->d_name[0] != '.' && access(path, F_OK) == 0) index = (int)if_nametoindex(entry->d_name);
  }
  closedir(folder);
  return index;
}

static void set_ipv6(int index, const char *setting, const char *value) {
  char name[IF_NAMESIZE];
  char path[80];
  if (if_indextoname((unsigned)index, name) == NULL) return;
  snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/%s", name, setting);
  file_write(path, value);
}

/* Addresses and routes come from the host: a neighbour's router advertisements must not add some. A machine without an
   IPv6 address need not look for neighbours that have its link's either, as the host passes none of that on. */
void network_init(void) {
  int index = interface_index();
  if (index == 0) return;
  set_ipv6(index, "accept_ra", "0");
  set_ipv6(index, "disable_ipv6", "1");
  /* The machine has no address yet, and clones find its rings made. */
  if (!set_link(index, NULL)) log_line("network: %s", strerror(errno));
}

static bool replace_address(int index, const struct network *network) {
  uint8_t prefix_length = (uint8_t)network->prefix_length;
  bool same = present.length == network->address.length && present.prefix_length == prefix_length &&
              memcmp(present.bytes, network->address.bytes, present.length) == 0;
  if (present.length > 0 && !same) {
    change_address(index, RTM_DELADDR, present.bytes, present.length, present.prefix_length);
  }
  if (!change_address(index, RTM_NEWADDR, network->address.bytes, network->address.length, prefix_length)) return false;
  memcpy(present.bytes, network->address.bytes, network->address.length);
  present.length = network->address.length;
  present.prefix_length = prefix_length;
  return true;
}

bool network_loopback_up(void) { return set_link((int)if_nametoindex("lo"), NULL); }

bool network_configure(struct span group, struct failure *failure) {
  struct network network;
  struct span none = {NULL, 0};
  if (!read_group(group, &network, failure)) return false;
  int index = interface_index();
  if (index == 0) return refuse(failure, ERROR_NOT_FOUND, "NETWORK: the machine has no network interface");
  if (!set_link(index, &network)) return refuse_errno(failure, "NETWORK: set MAC and MTU");
  /* After the hardware address, of which the link's is made. */
  if (network.address.length == ADDRESS_MAX) set_ipv6(index, "disable_ipv6", "0");
  if (!replace_address(index, &network)) return refuse_errno(failure, "NETWORK: set the address");
  if (network.gateway.length == 0) return true;
  bool on_link = same_network(network.gateway, network.address, network.prefix_length);
  if (!on_link && !add_route(index, network.gateway, none)) return refuse_errno(failure, "NETWORK: reach the gateway");
  return add_route(index, none, network.gateway) || refuse_errno(failure, "NETWORK: set the default route");
}
