// SPDX-License-Identifier: GPL-3.0-or-later
//
// Loads a TLS server on 127.0.0.1 with handshakes, or opens many connections to one that echoes.
//
// Usage: tls_load full|resumed PORT CONNECTIONS WARM-UP-MS MEASURED-MS SERVER-PID
//        tls_load idle PORT CONNECTIONS PATIENCE-MS
//
// `full` and `resumed` hold that many connections at a time, and each is followed by the next: connect, handshake,
// close_notify, and then everything that arrives until the server has closed. Only such a connection counts, because
// in TLS 1.3 the client's side of the handshake is over before the server has checked it. `resumed` uses the ticket of
// the connection before. They print one JSON object.
//
// `idle` opens one connection, then the others, and then sends a line on each and compares what comes back. It prints
// a JSON object after each step, and waits for a byte on standard input before the next, so that the server's memory
// can be read. A connection counts as open with its first ticket, which a server sends after its side of the handshake.
//
// The certificate is not verified: that would cost the load more than the handshake costs the server.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "histogram.h"
#include "system.h"

enum { MOST_EVENTS = 256, OPENED_AT_A_TIME = 32, LINE_SIZE = 32 };

static const char *const CIPHER = "TLS_AES_256_GCM_SHA384";
static const int GROUP = NID_X25519;

enum stage { IN_HANDSHAKE, ENDING, ENDED_BY_TLS, OPEN, ANSWERED };

struct connection {
  int descriptor;
  SSL *stream;
  enum stage stage;
  uint64_t begun_at, ready_at;
  // The newest one from the server; it stays when the connection is followed by the next.
  SSL_SESSION *session;
  char line[LINE_SIZE];
  size_t received;
};

static struct connection *connections;
static SSL_CTX *context;
static int queue;
static struct sockaddr_in server;
static bool is_idle_mode, is_resuming;
static uint64_t measured_from = UINT64_MAX, measured_until = UINT64_MAX;
static struct histogram handshakes;
static size_t opened, answered, in_full;
// Why it ended early; empty if it did not.
static char problem[160];

static void give_up(const char *what, const char *reason) {
  if (problem[0] == 0) snprintf(problem, sizeof problem, "%s: %s", what, reason);
}

// By the error of the library, if there is one, or else by that of the system.
static void give_up_in_library(const char *what) {
  const char *reason = ERR_reason_error_string(ERR_peek_error());
  give_up(what, reason != NULL ? reason : errno != 0 ? strerror(errno) : "closed by the server");
}

static void begin(struct connection *connection) {
  connection->begun_at = now();
  connection->stage = IN_HANDSHAKE;
  connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection->descriptor < 0) return give_up("socket", strerror(errno));
  if (connect(connection->descriptor, (struct sockaddr *)&server, sizeof server) != 0 && errno != EINPROGRESS)
    return give_up("connect", strerror(errno));
  connection->stream = SSL_new(context);
  if (connection->stream == NULL || SSL_set_fd(connection->stream, connection->descriptor) != 1) die("SSL_new");
  SSL_set_app_data(connection->stream, connection);
  SSL_set_connect_state(connection->stream);
  if (is_resuming && connection->session != NULL) SSL_set_session(connection->stream, connection->session);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
  if (epoll_ctl(queue, EPOLL_CTL_ADD, connection->descriptor, &event) != 0) die("epoll_ctl");
}

static int keep_session(SSL *stream, SSL_SESSION *session) {
  struct connection *connection = SSL_get_app_data(stream);
  if (connection->session != NULL) {
    SSL_SESSION_free(connection->session);
  } else {
    opened++;
  }
  connection->session = session;
  return 1;
}

// Whether the library waits for the socket; otherwise the connection has failed, or its end was reached.
static bool is_waiting(struct connection *connection, int result) {
  int error = SSL_get_error(connection->stream, result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static void end(struct connection *connection) {
  SSL_free(connection->stream);
  close(connection->descriptor);
  if (now() >= measured_from && now() < measured_until)
    note(&handshakes, connection->ready_at - connection->begun_at);
  begin(connection);
}

static void finish_handshake(struct connection *connection) {
  if (strcmp(SSL_get_cipher_name(connection->stream), CIPHER) != 0)
    return give_up("another cipher", SSL_get_cipher_name(connection->stream));
  int group = SSL_get_negotiated_group(connection->stream);
  if (group != GROUP) return give_up("another group", OBJ_nid2sn(group));
  connection->ready_at = now();
  if (connection->ready_at >= measured_from && !SSL_session_reused(connection->stream)) in_full++;
  connection->stage = is_idle_mode ? OPEN : ENDING;
  if (!is_idle_mode && SSL_shutdown(connection->stream) < 0) give_up_in_library("close_notify");
}

static void take_line(struct connection *connection, const char *bytes, size_t count) {
  if (count > LINE_SIZE - connection->received || memcmp(bytes, connection->line + connection->received, count) != 0)
    return give_up("echo", "wrong bytes came back");
  connection->received += count;
  if (connection->received < LINE_SIZE) return;
  connection->stage = ANSWERED;
  answered++;
}

// Reads until the socket is empty: tickets, the line that comes back, or the end.
static void receive(struct connection *connection) {
  char bytes[2 * LINE_SIZE];
  int count;
  while ((count = SSL_read(connection->stream, bytes, sizeof bytes)) > 0) {
    if (is_idle_mode) take_line(connection, bytes, (size_t)count);
  }
  if (is_waiting(connection, count)) return;
  if (is_idle_mode) return give_up_in_library("closed while it was idle");
  if (SSL_get_error(connection->stream, count) != SSL_ERROR_ZERO_RETURN) return give_up_in_library("the end");
  connection->stage = ENDED_BY_TLS;
}

// Waits until the server has closed: it keeps what remains of the connection then, and no port is used up here.
static void await_end(struct connection *connection) {
  char byte;
  ssize_t count = recv(connection->descriptor, &byte, 1, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count != 0) return give_up("the end", count < 0 ? strerror(errno) : "more than close_notify");
  end(connection);
}

static void step(struct connection *connection) {
  ERR_clear_error();
  errno = 0;
  if (connection->stage == IN_HANDSHAKE) {
    int result = SSL_do_handshake(connection->stream);
    if (result != 1) {
      if (!is_waiting(connection, result)) give_up_in_library("handshake");
      return;
    }
    finish_handshake(connection);
  }
  if (connection->stage != ENDED_BY_TLS && problem[0] == 0) receive(connection);
  if (connection->stage == ENDED_BY_TLS) await_end(connection);
}

// Handles what is ready, and waits for it no longer than until then.
static void turn(uint64_t until) {
  struct epoll_event events[MOST_EVENTS];
  int ready = epoll_wait(queue, events, MOST_EVENTS, milliseconds_until(until));
  if (ready < 0 && errno != EINTR) die("epoll_wait");
  for (int index = 0; index < ready && problem[0] == 0; index++) step(events[index].data.ptr);
}

static void run_until(uint64_t end) {
  while (problem[0] == 0 && now() < end) turn(end);
}

static void run_handshakes(size_t count, uint64_t warm_up, uint64_t measured, clockid_t server_clock) {
  uint64_t time = now();
  for (size_t index = 0; index < count && problem[0] == 0; index++) begin(&connections[index]);
  run_until(time + warm_up);
  in_full = 0;
  measured_from = now();
  measured_until = measured_from + measured;
  uint64_t server_before = read_clock(server_clock), own_before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  run_until(measured_until);
  uint64_t server_after = read_clock(server_clock), own_after = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  if (is_resuming && in_full > 0) give_up("resumption", "some handshakes were full ones");
  printf("{\"handshakes\": %llu, \"seconds\": %.3f, \"p50\": %.2f, \"p99\": %.2f, \"server_seconds\": %.6f, "
         "\"own_seconds\": %.6f, \"problem\": \"%s\"}\n",
         (unsigned long long)handshakes.count, (double)measured / 1e9, quantile(&handshakes, 0.5),
         quantile(&handshakes, 0.99), (double)(server_after - server_before) / 1e9,
         (double)(own_after - own_before) / 1e9, problem);
}

static void open_until(size_t count, uint64_t end) {
  static size_t begun;
  while (opened < count && problem[0] == 0) {
    while (begun < count && begun - opened < OPENED_AT_A_TIME && problem[0] == 0) begin(&connections[begun++]);
    if (now() >= end) return give_up("handshakes", "not all were complete in time");
    turn(end);
  }
}

static void echo_lines(size_t count, uint64_t end) {
  for (size_t index = 0; index < count && problem[0] == 0; index++) {
    struct connection *connection = &connections[index];
    snprintf(connection->line, LINE_SIZE, "%0*zu", LINE_SIZE - 1, index);
    connection->line[LINE_SIZE - 1] = '\n';
    if (SSL_write(connection->stream, connection->line, LINE_SIZE) != LINE_SIZE) give_up_in_library("send");
  }
  while (answered < count && problem[0] == 0) {
    if (now() >= end) return give_up("lines", "not all came back in time");
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
  echo_lines(count, now() + patience);
  report_step();
}

int main(int count, char **words) {
  is_idle_mode = count == 5 && strcmp(words[1], "idle") == 0;
  is_resuming = count == 7 && strcmp(words[1], "resumed") == 0;
  if (!is_idle_mode && !is_resuming && !(count == 7 && strcmp(words[1], "full") == 0)) {
    fputs("usage: tls_load full|resumed PORT CONNECTIONS WARM-UP-MS MEASURED-MS SERVER-PID\n"
          "       tls_load idle PORT CONNECTIONS PATIENCE-MS\n", stderr);
    return 64;
  }
  raise_limit();
  server = (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(words[2])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  size_t wanted = strtoul(words[3], NULL, 10);
  connections = calloc(wanted, sizeof *connections);
  if (connections == NULL) die("calloc");
  queue = epoll_create1(EPOLL_CLOEXEC);
  if (queue < 0) die("epoll_create1");
  context = SSL_CTX_new(TLS_client_method());
  if (context == NULL) die("SSL_CTX_new");
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  if (is_idle_mode) {
    stay_idle(wanted, strtoull(words[4], NULL, 10) * MILLISECOND);
    return 0;
  }
  clockid_t server_clock;
  errno = clock_getcpuclockid(atoi(words[6]), &server_clock);
  if (errno != 0) die("clock_getcpuclockid");
  run_handshakes(wanted, strtoull(words[4], NULL, 10) * MILLISECOND, strtoull(words[5], NULL, 10) * MILLISECOND,
              server_clock);
  return 0;
}
