// SPDX-License-Identifier: GPL-3.0-or-later
//
// Loads an echo server on 127.0.0.1: so many connections, each with one message of 64 bytes on its way, and every
// byte that comes back is compared with what was sent.
//
// Usage: echo_load PORT CONNECTIONS WARM-UP-MS MEASURED-MS OPENING-MS SERVER-PID
//
// Prints one JSON object, and then keeps the connections open until standard input ends, so that somebody can look at
// what the server takes for them. A connection counts as open once its first message is back, and few wait for that
// at a time, so that no server's backlog is overrun, however short it is.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "histogram.h"
#include "system.h"

enum { MESSAGE_SIZE = 64, MOST_EVENTS = 256, OPENED_AT_A_TIME = 8 };

// What is on its way when the time is over may take so long to come back.
static const uint64_t DRAINING = 2000 * MILLISECOND;

struct connection {
  int descriptor;
  bool is_connected, is_answered;
  uint64_t sent_at, sequence, measured;
  size_t received;
  char message[MESSAGE_SIZE];
};

static struct connection *connections;
static int queue;
static struct sockaddr_in server;
static size_t wanted, begun, opened, outstanding;
static uint64_t measured_from = UINT64_MAX, measured_until = UINT64_MAX;
static struct histogram round_trips;
// Why it ended early; empty if it did not.
static char problem[160];

static void give_up(const char *what, int number) {
  if (problem[0] != 0) return;
  snprintf(problem, sizeof problem, "%s%s%s", what, number == 0 ? "" : ": ", number == 0 ? "" : strerror(number));
}

static void control(int operation, struct connection *connection, unsigned events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(queue, operation, connection->descriptor, &event) != 0) die("epoll_ctl");
}

// Sends the next message, which no message before it on any connection was like.
static void send_next(struct connection *connection, uint64_t time) {
  connection->sequence++;
  memcpy(connection->message, &connection->descriptor, sizeof connection->descriptor);
  memcpy(connection->message + 8, &connection->sequence, sizeof connection->sequence);
  connection->received = 0;
  connection->sent_at = time;
  ssize_t sent = send(connection->descriptor, connection->message, MESSAGE_SIZE, MSG_NOSIGNAL);
  if (sent != MESSAGE_SIZE) return give_up("send", sent < 0 ? errno : 0);
  outstanding++;
}

static void begin(struct connection *connection) {
  connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection->descriptor < 0) return give_up("socket", errno);
  // Reset in the end, as thousands of closed connections that linger would take up the ports of runs to come.
  struct linger linger = {.l_onoff = 1};
  if (setsockopt(connection->descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) != 0) die("setsockopt");
  memset(connection->message, 'x', MESSAGE_SIZE);
  begun++;
  if (connect(connection->descriptor, (struct sockaddr *)&server, sizeof server) != 0 && errno != EINPROGRESS)
    return give_up("connect", errno);
  control(EPOLL_CTL_ADD, connection, EPOLLOUT);
}

static void finish_connecting(struct connection *connection) {
  int number = 0;
  socklen_t length = sizeof number;
  if (getsockopt(connection->descriptor, SOL_SOCKET, SO_ERROR, &number, &length) != 0) die("getsockopt");
  if (number != 0) return give_up("connect", number);
  connection->is_connected = true;
  control(EPOLL_CTL_MOD, connection, EPOLLIN);
  send_next(connection, now());
}

// Takes what came. A message that is complete is counted if it is time for that, and the next one sent.
static void receive(struct connection *connection, bool is_sending) {
  char bytes[2 * MESSAGE_SIZE];
  ssize_t count = recv(connection->descriptor, bytes, sizeof bytes, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0) return give_up("receive", errno);
  if (count == 0) return give_up("closed by the server", 0);
  if ((size_t)count > MESSAGE_SIZE - connection->received
      || memcmp(bytes, connection->message + connection->received, (size_t)count) != 0)
    return give_up("wrong bytes came back", 0);
  connection->received += (size_t)count;
  if (connection->received < MESSAGE_SIZE) return;
  outstanding--;
  uint64_t time = now();
  if (time >= measured_from && time < measured_until) {
    note(&round_trips, time - connection->sent_at);
    connection->measured++;
  }
  if (!connection->is_answered) {
    connection->is_answered = true;
    opened++;
  } else if (is_sending) {
    send_next(connection, time);
  }
}

// Handles what is ready, and waits for it no longer than until then.
static void turn(uint64_t until, bool is_sending) {
  struct epoll_event events[MOST_EVENTS];
  int ready = epoll_wait(queue, events, MOST_EVENTS, milliseconds_until(until));
  if (ready < 0 && errno != EINTR) die("epoll_wait");
  for (int index = 0; index < ready; index++) {
    struct connection *connection = events[index].data.ptr;
    if (connection->is_connected) {
      receive(connection, is_sending);
    } else {
      finish_connecting(connection);
    }
  }
}

static void open_all(uint64_t patience) {
  uint64_t end = now() + patience;
  while (opened < wanted && problem[0] == 0) {
    while (begun < wanted && begun - opened < OPENED_AT_A_TIME && problem[0] == 0) begin(&connections[begun]);
    if (now() >= end) {
      char text[80];
      snprintf(text, sizeof text, "not all served within %llu s", (unsigned long long)(patience / MILLISECOND / 1000));
      return give_up(text, 0);
    }
    turn(end, false);
  }
}

static void run_until(uint64_t end) {
  while (problem[0] == 0 && now() < end) turn(end, true);
}

static void drain(void) {
  uint64_t end = now() + DRAINING;
  while (problem[0] == 0 && outstanding > 0) {
    if (now() >= end) return give_up("messages did not come back", 0);
    turn(end, false);
  }
}

// The connections that were never answered while it was measured.
static size_t count_starved(void) {
  size_t starved = 0;
  for (size_t index = 0; index < wanted; index++) starved += connections[index].measured == 0;
  return starved;
}

int main(int count, char **words) {
  if (count != 7) {
    fputs("usage: echo_load PORT CONNECTIONS WARM-UP-MS MEASURED-MS OPENING-MS SERVER-PID\n", stderr);
    return 64;
  }
  raise_limit();
  server = (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(words[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  wanted = strtoul(words[2], NULL, 10);
  uint64_t warm_up = strtoull(words[3], NULL, 10) * MILLISECOND;
  uint64_t measured = strtoull(words[4], NULL, 10) * MILLISECOND;
  connections = calloc(wanted, sizeof *connections);
  if (connections == NULL) die("calloc");
  queue = epoll_create1(EPOLL_CLOEXEC);
  if (queue < 0) die("epoll_create1");
  clockid_t server_clock;
  errno = clock_getcpuclockid(atoi(words[6]), &server_clock);
  if (errno != 0) die("clock_getcpuclockid");

  uint64_t start = now();
  open_all(strtoull(words[5], NULL, 10) * MILLISECOND);
  double opening = (double)(now() - start) / 1e9;
  if (problem[0] == 0) {
    uint64_t time = now();
    measured_from = time + warm_up;
    measured_until = measured_from + measured;
    for (size_t index = 0; index < wanted && problem[0] == 0; index++) send_next(&connections[index], now());
  }
  run_until(measured_from);
  uint64_t server_before = read_clock(server_clock), own_before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  run_until(measured_until);
  uint64_t server_after = read_clock(server_clock), own_after = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  drain();
  printf("{\"opened\": %zu, \"opening_seconds\": %.3f, \"requests\": %llu, \"seconds\": %.3f, \"p50\": %.2f, "
         "\"p99\": %.2f, \"starved\": %zu, \"server_seconds\": %.6f, \"own_seconds\": %.6f, \"problem\": \"%s\"}\n",
         opened, opening, (unsigned long long)round_trips.count, (double)measured / 1e9, quantile(&round_trips, 0.5),
         quantile(&round_trips, 0.99), count_starved(), (double)(server_after - server_before) / 1e9,
         (double)(own_after - own_before) / 1e9, problem);
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  return 0;
}
