// SPDX-License-Identifier: GPL-3.0-or-later
//
// Receives one connection and discards its bytes without copying them, so that the receiver costs as little as possible
// and what is before it is the limit.
//
// Usage: discard PORT SIZE
//
// Exits with status 0 if that many bytes have arrived before the end of the stream.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "system.h"

static const size_t MOST_AT_ONCE = 16 << 20;

static int accept_one(uint16_t port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) die("socket");
  int yes = 1;
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) die("setsockopt");
  struct sockaddr_in local = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&local, sizeof local) != 0) die("bind");
  if (listen(listener, 1) != 0) die("listen");
  int connection = accept(listener, NULL, NULL);
  if (connection < 0) die("accept");
  close(listener);
  return connection;
}

int main(int count, char **words) {
  if (count != 3) {
    fputs("usage: discard PORT SIZE\n", stderr);
    return 64;
  }
  int connection = accept_one((uint16_t)atoi(words[1]));
  // A wait for more makes each call take more.
  int least = 1 << 20;
  if (setsockopt(connection, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least) != 0) die("setsockopt");
  unsigned long long received = 0;
  while (1) {
    ssize_t taken = recv(connection, NULL, MOST_AT_ONCE, MSG_TRUNC);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) die("recv");
    if (taken == 0) break;
    received += (unsigned long long)taken;
  }
  if (received == strtoull(words[2], NULL, 10)) return 0;
  fprintf(stderr, "%llu bytes have arrived\n", received);
  return 1;
}
