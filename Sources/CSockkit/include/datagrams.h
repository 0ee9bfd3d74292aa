// SPDX-License-Identifier: GPL-3.0-or-later
//
// Datagrams in batches: recvmmsg(2) and sendmmsg(2), whose structures glibc hides behind _GNU_SOURCE, with the
// ancillary data, whose macros Swift does not import.

#ifndef CSOCKKIT_DATAGRAMS_H
#define CSOCKKIT_DATAGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/// One datagram with the kernel's information about it.
struct csockkit_datagram {
  /// The source or the destination; a length of 0 means the peer that the socket is connected to.
  struct sockaddr_storage peer;
  socklen_t peer_length;
  /// The destination of a received datagram, possibly a group; AF_UNSPEC if it is unknown.
  struct sockaddr_storage destination;
  /// The local address to answer from, or to send from; AF_UNSPEC leaves the choice to the kernel.
  struct sockaddr_storage local;
  /// When the kernel received it, in nanoseconds since 1970; 0 if that was not requested.
  int64_t received;
  unsigned char *bytes;
  size_t length;
  bool is_truncated;
};

/// Room for a number of datagrams of up to `slot_size` bytes.
struct csockkit_batch {
  int capacity;
  size_t slot_size;
  struct csockkit_datagram *datagrams;
  struct csockkit_messages *messages;
};

/// Allocates a batch, or returns null with ENOMEM.
struct csockkit_batch *csockkit_batch_create(int capacity, size_t slot_size);
void csockkit_batch_free(struct csockkit_batch *batch);

/// recvmmsg(2) with MSG_DONTWAIT: fills the batch from its start with up to `most` datagrams and returns their number.
/// Their peers, and their times and destinations, are requested only if they are wanted.
int csockkit_receive_batch(
    int descriptor, struct csockkit_batch *batch, int most, bool wants_peer, bool wants_control, bool peeks);

/// sendmmsg(2) with MSG_DONTWAIT and MSG_NOSIGNAL: returns the number of datagrams sent, at least one, or -1.
int csockkit_send_batch(int descriptor, struct csockkit_batch *batch, int first, int count);

/// recvmsg(2) with MSG_ERRQUEUE: takes an entry off the error queue, and stores the errno if it concerns a datagram
/// that had been sent.
ssize_t csockkit_take_datagram_error(int descriptor, int *code);

/// setsockopt(2) with MCAST_JOIN_GROUP, or with MCAST_JOIN_SOURCE_GROUP if a source is given.
int csockkit_join_group(
    int descriptor, const struct sockaddr *group, socklen_t group_length, uint32_t interface,
    const struct sockaddr *source, socklen_t source_length);

/// setsockopt(2) with IP_MULTICAST_IF: an interface by its index.
int csockkit_set_multicast_interface(int descriptor, uint32_t interface);

#endif
