// SPDX-License-Identifier: GPL-3.0-or-later

#define _GNU_SOURCE
#include "datagrams.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Room for the kernel's time stamp and the destination address, of either family.
union control {
  unsigned char bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct in6_pktinfo)) +
                      CMSG_SPACE(sizeof(struct in_pktinfo))];
  struct cmsghdr aligned;
};

struct csockkit_messages {
  struct mmsghdr *headers;
  struct iovec *pieces;
  union control *controls;
  unsigned char *bytes;
};

// Slots at distances of a power of two would all start in the same few cache lines.
static size_t stride(size_t slot_size) { return (slot_size + 63) / 64 * 64 + 64; }

struct csockkit_batch *csockkit_batch_create(int capacity, size_t slot_size) {
  struct csockkit_batch *batch = calloc(1, sizeof *batch);
  struct csockkit_messages *messages = calloc(1, sizeof *messages);
  if (batch == NULL || messages == NULL) {
    free(batch);
    free(messages);
    return NULL;
  }
  *batch = (struct csockkit_batch){capacity, slot_size, calloc(capacity, sizeof *batch->datagrams), messages};
  *messages = (struct csockkit_messages){
      calloc(capacity, sizeof *messages->headers), calloc(capacity, sizeof *messages->pieces),
      calloc(capacity, sizeof *messages->controls), malloc(capacity * stride(slot_size))};
  if (batch->datagrams == NULL || messages->headers == NULL || messages->pieces == NULL ||
      messages->controls == NULL || messages->bytes == NULL) {
    csockkit_batch_free(batch);
    return NULL;
  }
  for (int index = 0; index < capacity; index++) {
    batch->datagrams[index].bytes = messages->bytes + index * stride(slot_size);
    messages->pieces[index].iov_base = batch->datagrams[index].bytes;
    messages->headers[index].msg_hdr.msg_iov = &messages->pieces[index];
    messages->headers[index].msg_hdr.msg_iovlen = 1;
  }
  return batch;
}

void csockkit_batch_free(struct csockkit_batch *batch) {
  struct csockkit_messages *messages = batch->messages;
  free(messages->headers);
  free(messages->pieces);
  free(messages->controls);
  free(messages->bytes);
  free(messages);
  free(batch->datagrams);
  free(batch);
}

static void set_ipv4(struct sockaddr_storage *storage, struct in_addr address) {
  struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr = address};
  memcpy(storage, &ipv4, sizeof ipv4);
}

static void set_ipv6(struct sockaddr_storage *storage, const struct in6_pktinfo *info) {
  struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_addr = info->ipi6_addr};
  bool needs_zone = IN6_IS_ADDR_LINKLOCAL(&ipv6.sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&ipv6.sin6_addr);
  if (needs_zone) ipv6.sin6_scope_id = info->ipi6_ifindex;
  memcpy(storage, &ipv6, sizeof ipv6);
}

/// Whether an address is one of this machine, and not a group or a broadcast address.
static bool is_own(struct in_addr address) {
  uint32_t number = ntohl(address.s_addr);
  if (number >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET) return (number & IN_CLASSA_HOST) != IN_CLASSA_HOST;
  struct ifaddrs *list;
  if (getifaddrs(&list) != 0) return false;
  bool found = false;
  for (struct ifaddrs *entry = list; entry != NULL && !found; entry = entry->ifa_next) {
    if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != AF_INET) continue;
    found = ((const struct sockaddr_in *)entry->ifa_addr)->sin_addr.s_addr == address.s_addr;
  }
  freeifaddrs(list);
  return found;
}

/// Reads the time and the addresses from a message's ancillary data.
static void read_control(struct msghdr *header, struct csockkit_datagram *datagram) {
  datagram->destination.ss_family = AF_UNSPEC;
  datagram->local.ss_family = AF_UNSPEC;
  datagram->received = 0;
  for (struct cmsghdr *item = CMSG_FIRSTHDR(header); item != NULL; item = CMSG_NXTHDR(header, item)) {
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec time;
      memcpy(&time, CMSG_DATA(item), sizeof time);
      datagram->received = time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
    } else if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      set_ipv4(&datagram->destination, info.ipi_addr);
      // The kernel does not know the local address of a datagram that arrived before the option was set, as on a socket
      // that another process has opened.
      bool is_early = info.ipi_ifindex == 0 && info.ipi_spec_dst.s_addr == INADDR_ANY;
      if (!is_early) set_ipv4(&datagram->local, info.ipi_spec_dst);
      if (is_early && is_own(info.ipi_addr)) set_ipv4(&datagram->local, info.ipi_addr);
    } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      // For an IPv4 datagram, IP_PKTINFO reports more.
      if (IN6_IS_ADDR_V4MAPPED(&info.ipi6_addr)) continue;
      set_ipv6(&datagram->destination, &info);
      if (!IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) datagram->local = datagram->destination;
    }
  }
}

/// Writes the address to send from to a message's ancillary data, if there is one.
static void write_control(struct msghdr *header, union control *control, const struct csockkit_datagram *datagram) {
  header->msg_control = NULL;
  header->msg_controllen = 0;
  struct cmsghdr *item = &control->aligned;
  if (datagram->local.ss_family == AF_INET) {
    const struct sockaddr_in *local = (const struct sockaddr_in *)&datagram->local;
    // The interface is left to the routing table: an answer need not leave by the interface that the datagram arrived
    // on.
    struct in_pktinfo info = {.ipi_spec_dst = local->sin_addr};
    item->cmsg_level = IPPROTO_IP;
    item->cmsg_type = IP_PKTINFO;
    item->cmsg_len = CMSG_LEN(sizeof info);
    memcpy(CMSG_DATA(item), &info, sizeof info);
    header->msg_controllen = CMSG_SPACE(sizeof info);
  } else if (datagram->local.ss_family == AF_INET6) {
    const struct sockaddr_in6 *local = (const struct sockaddr_in6 *)&datagram->local;
    struct in6_pktinfo info = {.ipi6_addr = local->sin6_addr, .ipi6_ifindex = local->sin6_scope_id};
    item->cmsg_level = IPPROTO_IPV6;
    item->cmsg_type = IPV6_PKTINFO;
    item->cmsg_len = CMSG_LEN(sizeof info);
    memcpy(CMSG_DATA(item), &info, sizeof info);
    header->msg_controllen = CMSG_SPACE(sizeof info);
  }
  if (header->msg_controllen > 0) header->msg_control = control;
}

int csockkit_receive_batch(
    int descriptor, struct csockkit_batch *batch, int most, bool wants_peer, bool wants_control, bool peeks) {
  struct csockkit_messages *messages = batch->messages;
  for (int index = 0; index < most; index++) {
    struct msghdr *header = &messages->headers[index].msg_hdr;
    header->msg_name = wants_peer ? &batch->datagrams[index].peer : NULL;
    header->msg_namelen = wants_peer ? sizeof batch->datagrams[index].peer : 0;
    header->msg_control = wants_control ? &messages->controls[index] : NULL;
    header->msg_controllen = wants_control ? sizeof messages->controls[index] : 0;
    messages->pieces[index].iov_len = batch->slot_size;
  }
  int count = recvmmsg(descriptor, messages->headers, most, MSG_DONTWAIT | (peeks ? MSG_PEEK : 0), NULL);
  for (int index = 0; index < count; index++) {
    struct msghdr *header = &messages->headers[index].msg_hdr;
    struct csockkit_datagram *datagram = &batch->datagrams[index];
    datagram->peer_length = header->msg_namelen;
    datagram->length = messages->headers[index].msg_len;
    datagram->is_truncated = (header->msg_flags & MSG_TRUNC) != 0;
    if (wants_control) read_control(header, datagram);
  }
  return count;
}

int csockkit_send_batch(int descriptor, struct csockkit_batch *batch, int first, int count) {
  struct csockkit_messages *messages = batch->messages;
  for (int index = first; index < first + count; index++) {
    struct msghdr *header = &messages->headers[index].msg_hdr;
    struct csockkit_datagram *datagram = &batch->datagrams[index];
    header->msg_name = datagram->peer_length > 0 ? &datagram->peer : NULL;
    header->msg_namelen = datagram->peer_length;
    messages->pieces[index].iov_len = datagram->length;
    write_control(header, &messages->controls[index], datagram);
  }
  return sendmmsg(descriptor, messages->headers + first, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

ssize_t csockkit_take_datagram_error(int descriptor, int *code) {
  union {
    // The time and the addresses come first, if they are requested.
    unsigned char bytes[sizeof(union control) + CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6))];
    struct cmsghdr aligned;
  } control;
  struct msghdr header = {.msg_control = &control, .msg_controllen = sizeof control};
  ssize_t count = recvmsg(descriptor, &header, MSG_ERRQUEUE | MSG_DONTWAIT);
  if (count < 0) return count;
  for (struct cmsghdr *item = CMSG_FIRSTHDR(&header); item != NULL; item = CMSG_NXTHDR(&header, item)) {
    bool is_ipv4 = item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR;
    bool is_ipv6 = item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR;
    if (!is_ipv4 && !is_ipv6) continue;
    struct sock_extended_err error;
    memcpy(&error, CMSG_DATA(item), sizeof error);
    // A local refusal was already reported as the result of the call.
    if (error.ee_origin != SO_EE_ORIGIN_LOCAL) *code = (int)error.ee_errno;
    break;
  }
  return count;
}

int csockkit_join_group(
    int descriptor, const struct sockaddr *group, socklen_t group_length, uint32_t interface,
    const struct sockaddr *source, socklen_t source_length) {
  int level = group->sa_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
  if (source == NULL) {
    struct group_req request = {.gr_interface = interface};
    memcpy(&request.gr_group, group, group_length);
    return setsockopt(descriptor, level, MCAST_JOIN_GROUP, &request, sizeof request);
  }
  struct group_source_req request = {.gsr_interface = interface};
  memcpy(&request.gsr_group, group, group_length);
  memcpy(&request.gsr_source, source, source_length);
  return setsockopt(descriptor, level, MCAST_JOIN_SOURCE_GROUP, &request, sizeof request);
}

int csockkit_set_multicast_interface(int descriptor, uint32_t interface) {
  struct ip_mreqn request = {.imr_ifindex = interface};
  return setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
}
