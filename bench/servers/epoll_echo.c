// SPDX-License-Identifier: GPL-3.0-or-later
//
// The echo server that a C programmer would write for speed, to compare with: one thread, level-triggered epoll,
// sockets that do not block, one buffer for all, and two system calls for a message besides its share of epoll_wait.
//
// Usage: epoll_echo PORT, on 127.0.0.1.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_EVENTS = 256, ACCEPT_BURST = 64, BUFFER_SIZE = 64 << 10 };

// What a client has not taken yet; while there is any, nothing more is read from it.
struct connection {
  int descriptor;
  size_t start, end;
  char *kept;
};

static char buffer[BUFFER_SIZE];
static int queue;

static void fail(const char *call) {
  perror(call);
  exit(1);
}

static void control(int operation, int descriptor, unsigned events, struct connection *connection) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(queue, operation, descriptor, &event) != 0) fail("epoll_ctl");
}

static void end(struct connection *connection) {
  close(connection->descriptor);
  free(connection->kept);
  free(connection);
}

// Keeps what a full socket did not take, and waits until it has room.
static void keep(struct connection *connection, size_t sent, size_t count) {
  connection->kept = malloc(count - sent);
  if (connection->kept == NULL) fail("malloc");
  memcpy(connection->kept, buffer + sent, count - sent);
  connection->start = 0;
  connection->end = count - sent;
  control(EPOLL_CTL_MOD, connection->descriptor, EPOLLOUT, connection);
}

static void echo(struct connection *connection) {
  ssize_t received = recv(connection->descriptor, buffer, sizeof buffer, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) return end(connection);
  ssize_t sent = send(connection->descriptor, buffer, (size_t)received, MSG_NOSIGNAL);
  if (sent == received) return;
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return end(connection);
  keep(connection, sent < 0 ? 0 : (size_t)sent, (size_t)received);
}

static void send_kept(struct connection *connection) {
  ssize_t sent = send(
      connection->descriptor, connection->kept + connection->start, connection->end - connection->start, MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (sent < 0) return end(connection);
  connection->start += (size_t)sent;
  if (connection->start < connection->end) return;
  free(connection->kept);
  connection->kept = NULL;
  control(EPOLL_CTL_MOD, connection->descriptor, EPOLLIN, connection);
}

static void accept_some(int listener) {
  for (int turn = 0; turn < ACCEPT_BURST; turn++) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      if (errno == EAGAIN) return;
      if (errno == EINTR || errno == ECONNABORTED) continue;
      fail("accept4");
    }
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) fail("calloc");
    connection->descriptor = descriptor;
    control(EPOLL_CTL_ADD, descriptor, EPOLLIN, connection);
  }
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  int one = 1;
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0) fail("setsockopt");
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (listen(listener, SOMAXCONN) != 0) fail("listen");
  return listener;
}

// A descriptor for each connection that the system lets it have.
static void raise_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
}

int main(int count, char **words) {
  if (count != 2) {
    fputs("usage: epoll_echo PORT\n", stderr);
    return 64;
  }
  raise_limit();
  int listener = listen_on(atoi(words[1]));
  queue = epoll_create1(EPOLL_CLOEXEC);
  if (queue < 0) fail("epoll_create1");
  control(EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
  for (;;) {
    struct epoll_event events[MOST_EVENTS];
    int ready = epoll_wait(queue, events, MOST_EVENTS, -1);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    for (int index = 0; index < ready; index++) {
      struct connection *connection = events[index].data.ptr;
      if (connection == NULL) {
        accept_some(listener);
      } else if (connection->kept != NULL) {
        send_kept(connection);
      } else {
        echo(connection);
      }
    }
  }
}
