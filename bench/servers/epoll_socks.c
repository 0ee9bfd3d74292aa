// SPDX-License-Identifier: GPL-3.0-or-later
//
// The least that a SOCKS 5 proxy can do for a connection, to show how much of the cost of one is the kernel's: one
// thread, edge-triggered epoll with one registration for each socket, no checks, no time limits, no log. It trusts its
// client to send the method and the request in one piece each, asks for an IPv4 address, and loses what a full socket
// does not take. Only the load of this directory may use it.
//
// Usage: epoll_socks PORT, on 127.0.0.1.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../load/system.h"

enum { MOST_EVENTS = 256, MOST_DESCRIPTORS = 1 << 16, BUFFER_SIZE = 64 << 10, REQUEST_SIZE = 10 };

enum stage { CHOOSING_METHOD, ASKING, WAITING, CONNECTING, RELAYING };

struct end {
  enum stage stage;
  int other;
  bool has_ended;
};

static struct end ends[MOST_DESCRIPTORS];
static char buffer[BUFFER_SIZE];
static int queue, listener;

static void watch(int descriptor, unsigned events) {
  struct epoll_event event = {.events = events | EPOLLET, .data.fd = descriptor};
  if (epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl");
}

static void open_listener(int port) {
  int one = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
  if (listen(listener, SOMAXCONN) != 0) die("listen");
  watch(listener, EPOLLIN);
}

static void accept_all(void) {
  int descriptor;
  while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    ends[descriptor] = (struct end){.stage = CHOOSING_METHOD, .other = -1};
    watch(descriptor, EPOLLIN);
  }
}

static void connect_target(int client) {
  struct sockaddr_in target = {.sin_family = AF_INET};
  memcpy(&target.sin_addr, buffer + 4, sizeof target.sin_addr);
  memcpy(&target.sin_port, buffer + 8, sizeof target.sin_port);
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) die("socket");
  ends[descriptor] = (struct end){.stage = CONNECTING, .other = client};
  ends[client].stage = WAITING;
  ends[client].other = descriptor;
  if (connect(descriptor, (struct sockaddr *)&target, sizeof target) != 0 && errno != EINPROGRESS) die("connect");
  watch(descriptor, EPOLLIN | EPOLLOUT);
}

static void relay(int from, ssize_t received) {
  int to = ends[from].other;
  if (received > 0) {
    send(to, buffer, (size_t)received, MSG_NOSIGNAL);
  } else if (received == 0 && !ends[from].has_ended) {
    ends[from].has_ended = true;
    // The second end needs no `shutdown`: closing does the same.
    if (!ends[to].has_ended) {
      shutdown(to, SHUT_WR);
    } else {
      close(from);
      close(to);
    }
  }
}

static void serve(int descriptor) {
  struct end *end = &ends[descriptor];
  if (end->stage == WAITING) return;
  if (end->stage == CONNECTING) {
    static const char OPEN[REQUEST_SIZE] = {5, 0, 0, 1};
    end->stage = ends[end->other].stage = RELAYING;
    send(end->other, OPEN, sizeof OPEN, MSG_NOSIGNAL);
    return;
  }
  ssize_t received = recv(descriptor, buffer, sizeof buffer, 0);
  if (end->stage == RELAYING) return relay(descriptor, received);
  if (received < 0 && errno == EAGAIN) return;
  if (received <= 0) {
    close(descriptor);
  } else if (end->stage == CHOOSING_METHOD) {
    end->stage = ASKING;
    send(descriptor, "\5\0", 2, MSG_NOSIGNAL);
  } else if (received == REQUEST_SIZE) {
    connect_target(descriptor);
  }
}

int main(int count, char **words) {
  if (count != 2) {
    fputs("usage: epoll_socks PORT\n", stderr);
    return 64;
  }
  queue = epoll_create1(EPOLL_CLOEXEC);
  if (queue < 0) die("epoll_create1");
  open_listener(atoi(words[1]));
  for (;;) {
    struct epoll_event events[MOST_EVENTS];
    int ready = epoll_wait(queue, events, MOST_EVENTS, -1);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    for (int index = 0; index < ready; index++) {
      if (events[index].data.fd == listener) {
        accept_all();
      } else {
        serve(events[index].data.fd);
      }
    }
  }
}
