// SPDX-License-Identifier: GPL-3.0-or-later
//
// Loads a proxy on 127.0.0.1 with connections to an echo server behind it, or holds many of them open.
//
// Usage: proxy_load rate PORT CONNECTIONS WARM-UP-MS MEASURED-MS PROXY-PID SCHEME TARGET-PORT
//        proxy_load idle PORT CONNECTIONS PATIENCE-MS SCHEME TARGET-PORT
//
// SCHEME is socks5, http, or plain for a forwarder that asks for no target.
//
// `rate` holds that many connections at a time, and each is followed by the next: connect, handshake, a byte there and
// back, a half-close, and then the end from the proxy. It prints one JSON object.
//
// `idle` opens one connection, then the others, and then sends a byte on each and waits for all that come back. It
// prints a JSON object after each step, and waits for a byte on standard input before the next, so that the proxy's
// memory can be read.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "histogram.h"
#include "system.h"

enum { MOST_EVENTS = 256, OPENED_AT_A_TIME = 32, LONGEST_REPLY = 512, METHOD_SIZE = 2, REPLY_SIZE = 10 };

enum stage { CONNECTING, CHOOSING_METHOD, ASKING, OPEN, AWAITING_ECHO, ENDING, ANSWERED };

struct connection {
  int descriptor;
  enum stage stage;
  uint64_t begun_at, ready_at;
  size_t received;
  char reply[LONGEST_REPLY];
};

static struct connection *connections;
static int queue;
static struct sockaddr_in proxy;
static bool is_idle_mode, speaks_socks, speaks_http;
// What asks for the target.
static char request[128];
static size_t request_size;
static uint64_t measured_from = UINT64_MAX, measured_until = UINT64_MAX;
static struct histogram handshakes;
static size_t opened, answered;
// Why it ended early; empty if it did not.
static char problem[160];

static const char METHODS[] = {5, 1, 0};

static void give_up(const char *what, const char *reason) {
  if (problem[0] == 0) snprintf(problem, sizeof problem, "%s: %s", what, reason);
}

static void write_request(const char *scheme, uint16_t port) {
  speaks_socks = strcmp(scheme, "socks5") == 0;
  speaks_http = strcmp(scheme, "http") == 0;
  if (speaks_socks) {
    const unsigned char bytes[] = {5, 1, 0, 1, 127, 0, 0, 1, (unsigned char)(port >> 8), (unsigned char)port};
    memcpy(request, bytes, request_size = sizeof bytes);
  } else if (speaks_http) {
    request_size = (size_t)snprintf(
        request, sizeof request, "CONNECT 127.0.0.1:%u HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", port, port);
  }
}

static void send_all(struct connection *connection, const char *bytes, size_t count) {
  ssize_t sent = send(connection->descriptor, bytes, count, MSG_NOSIGNAL);
  if (sent != (ssize_t)count) give_up("send", sent < 0 ? strerror(errno) : "not everything at once");
}

static void begin(struct connection *connection) {
  connection->begun_at = now();
  connection->stage = CONNECTING;
  connection->received = 0;
  connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection->descriptor < 0) return give_up("socket", strerror(errno));
  int yes = 1;
  if (setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0) die("setsockopt");
  if (connect(connection->descriptor, (struct sockaddr *)&proxy, sizeof proxy) != 0 && errno != EINPROGRESS)
    return give_up("connect", strerror(errno));
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
  if (epoll_ctl(queue, EPOLL_CTL_ADD, connection->descriptor, &event) != 0) die("epoll_ctl");
}

static void send_byte(struct connection *connection) {
  connection->stage = AWAITING_ECHO;
  send_all(connection, "x", 1);
}

static void did_open(struct connection *connection) {
  connection->ready_at = now();
  connection->stage = OPEN;
  opened++;
  if (!is_idle_mode) send_byte(connection);
}

static void ask(struct connection *connection) {
  connection->stage = ASKING;
  connection->received = 0;
  send_all(connection, request, request_size);
}

static void did_connect(struct connection *connection) {
  int number = 0;
  socklen_t length = sizeof number;
  if (getsockopt(connection->descriptor, SOL_SOCKET, SO_ERROR, &number, &length) != 0) die("getsockopt");
  if (number != 0) return give_up("connect", strerror(number));
  if (speaks_socks) {
    connection->stage = CHOOSING_METHOD;
    send_all(connection, METHODS, sizeof METHODS);
  } else if (speaks_http) {
    ask(connection);
  } else {
    did_open(connection);
  }
}

static bool is_accepted(struct connection *connection) {
  const char *reply = connection->reply;
  if (speaks_socks) return connection->received == REPLY_SIZE && reply[0] == 5 && reply[1] == 0;
  return memmem(reply, connection->received, " 200 ", 5) != NULL;
}

static bool is_whole(struct connection *connection) {
  if (speaks_socks) return connection->received >= REPLY_SIZE;
  return memmem(connection->reply, connection->received, "\r\n\r\n", 4) != NULL;
}

static void take_reply(struct connection *connection) {
  if (connection->stage == CHOOSING_METHOD) {
    if (connection->received < METHOD_SIZE) return;
    if (connection->received > METHOD_SIZE || connection->reply[1] != 0) return give_up("method", "not accepted");
    return ask(connection);
  }
  if (!is_whole(connection)) return;
  if (!is_accepted(connection)) return give_up("reply", "the target is refused");
  did_open(connection);
}

static void finish(struct connection *connection) {
  close(connection->descriptor);
  if (now() >= measured_from && now() < measured_until) note(&handshakes, connection->ready_at - connection->begun_at);
  begin(connection);
}

static void take_end(struct connection *connection) {
  if (connection->stage == ENDING) return finish(connection);
  give_up("end", connection->stage < OPEN ? "before the reply" : "of an open connection");
}

static void take_byte(struct connection *connection, ssize_t count, char byte) {
  if (connection->stage != AWAITING_ECHO || count != 1 || byte != 'x') return give_up("echo", "wrong bytes came back");
  answered++;
  connection->stage = is_idle_mode ? ANSWERED : ENDING;
  if (!is_idle_mode && shutdown(connection->descriptor, SHUT_WR) != 0) give_up("shutdown", strerror(errno));
}

// Reads what there is.
static void receive(struct connection *connection) {
  while (problem[0] == 0) {
    bool is_early = connection->stage == CHOOSING_METHOD || connection->stage == ASKING;
    char bytes[2];
    char *place = is_early ? connection->reply + connection->received : bytes;
    size_t room = is_early ? LONGEST_REPLY - connection->received : sizeof bytes;
    ssize_t count = recv(connection->descriptor, place, room, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) return give_up("receive", strerror(errno));
    if (count == 0) return take_end(connection);
    if (!is_early) {
      take_byte(connection, count, bytes[0]);
    } else {
      connection->received += (size_t)count;
      take_reply(connection);
    }
  }
}

static void step(struct connection *connection, uint32_t events) {
  if (connection->stage == CONNECTING) {
    if ((events & (EPOLLOUT | EPOLLERR)) == 0) return;
    did_connect(connection);
  }
  if (problem[0] == 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(connection);
}

// Handles what is ready, and waits for it no longer than until then.
static void turn(uint64_t until) {
  struct epoll_event events[MOST_EVENTS];
  int ready = epoll_wait(queue, events, MOST_EVENTS, milliseconds_until(until));
  if (ready < 0 && errno != EINTR) die("epoll_wait");
  for (int index = 0; index < ready && problem[0] == 0; index++) step(events[index].data.ptr, events[index].events);
}

static void run_until(uint64_t end) {
  while (problem[0] == 0 && now() < end) turn(end);
}

static void run_connections(size_t count, uint64_t warm_up, uint64_t measured, clockid_t proxy_clock) {
  uint64_t time = now();
  for (size_t index = 0; index < count && problem[0] == 0; index++) begin(&connections[index]);
  run_until(time + warm_up);
  measured_from = now();
  measured_until = measured_from + measured;
  uint64_t proxy_before = read_clock(proxy_clock), own_before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  run_until(measured_until);
  uint64_t proxy_after = read_clock(proxy_clock), own_after = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  printf("{\"handshakes\": %llu, \"seconds\": %.3f, \"p50\": %.2f, \"p99\": %.2f, \"server_seconds\": %.6f, "
         "\"own_seconds\": %.6f, \"problem\": \"%s\"}\n",
         (unsigned long long)handshakes.count, (double)measured / 1e9, quantile(&handshakes, 0.5),
         quantile(&handshakes, 0.99), (double)(proxy_after - proxy_before) / 1e9,
         (double)(own_after - own_before) / 1e9, problem);
}

static void open_until(size_t count, uint64_t end) {
  static size_t begun;
  while (opened < count && problem[0] == 0) {
    while (begun < count && begun - opened < OPENED_AT_A_TIME && problem[0] == 0) begin(&connections[begun++]);
    if (now() >= end) return give_up("connections", "not all were open in time");
    turn(end);
  }
}

static void echo_bytes(size_t count, uint64_t end) {
  for (size_t index = 0; index < count && problem[0] == 0; index++) send_byte(&connections[index]);
  while (answered < count && problem[0] == 0) {
    if (now() >= end) return give_up("bytes", "not all came back in time");
    turn(end);
  }
}

// Prints how far it is, and waits until the memory has been read.
static void report_step(void) {
  printf("{\"opened\": %zu, \"answered\": %zu, \"problem\": \"%s\"}\n", opened, answered, problem);
  fflush(stdout);
  char byte;
  if (read(STDIN_FILENO, &byte, 1) < 0) die("read");
}

static void stay_idle(size_t count, uint64_t patience) {
  open_until(1, now() + patience);
  report_step();
  open_until(count, now() + patience);
  report_step();
  echo_bytes(count, now() + patience);
  report_step();
}

int main(int count, char **words) {
  is_idle_mode = count == 7 && strcmp(words[1], "idle") == 0;
  if (!is_idle_mode && !(count == 9 && strcmp(words[1], "rate") == 0)) {
    fputs("usage: proxy_load rate PORT CONNECTIONS WARM-UP-MS MEASURED-MS PROXY-PID SCHEME TARGET-PORT\n"
          "       proxy_load idle PORT CONNECTIONS PATIENCE-MS SCHEME TARGET-PORT\n", stderr);
    return 64;
  }
  raise_limit();
  proxy = (struct sockaddr_in){.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)atoi(words[2])),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  write_request(words[count - 2], (uint16_t)atoi(words[count - 1]));
  size_t wanted = strtoul(words[3], NULL, 10);
  connections = calloc(wanted, sizeof *connections);
  if (connections == NULL) die("calloc");
  queue = epoll_create1(EPOLL_CLOEXEC);
  if (queue < 0) die("epoll_create1");
  if (is_idle_mode) {
    stay_idle(wanted, strtoull(words[4], NULL, 10) * MILLISECOND);
    return 0;
  }
  clockid_t proxy_clock;
  errno = clock_getcpuclockid(atoi(words[6]), &proxy_clock);
  if (errno != 0) die("clock_getcpuclockid");
  run_connections(wanted, strtoull(words[4], NULL, 10) * MILLISECOND, strtoull(words[5], NULL, 10) * MILLISECOND,
                  proxy_clock);
  return 0;
}
