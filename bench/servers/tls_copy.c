// SPDX-License-Identifier: GPL-3.0-or-later
//
// The program that a C programmer would write to move bytes over TLS fast, to compare with: one connection, blocking
// calls, buffers of 256 KiB, and close_notify at the end.
//
// Usage: tls_copy listen PORT CERTIFICATE, whose file has the key too; writes to standard output
//        tls_copy connect PORT AUTHORITY; reads from standard input
//
// Both on 127.0.0.1. It refuses any other cipher than the one that all programs are measured with.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_SIZE = 256 << 10 };

static const char *const HOST = "127.0.0.1";
static const char *const CIPHER = "TLS_AES_256_GCM_SHA384";
static char buffer[BUFFER_SIZE];

static void fail(const char *call) {
  perror(call);
  exit(1);
}

static void fail_in_library(const char *call) {
  ERR_print_errors_fp(stderr);
  fprintf(stderr, "%s failed\n", call);
  exit(1);
}

static struct sockaddr_in address_of(const char *port) {
  return (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons((uint16_t)atoi(port)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_socket(void) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  return descriptor;
}

static int accept_one(const char *port) {
  int listener = open_socket(), one = 1;
  struct sockaddr_in address = address_of(port);
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0) fail("setsockopt");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (listen(listener, 1) != 0) fail("listen");
  int descriptor = accept(listener, NULL, NULL);
  if (descriptor < 0) fail("accept");
  close(listener);
  return descriptor;
}

static int connect_to(const char *port) {
  int descriptor = open_socket();
  struct sockaddr_in address = address_of(port);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  return descriptor;
}

static SSL_CTX *make_context(const SSL_METHOD *method) {
  SSL_CTX *context = SSL_CTX_new(method);
  if (context == NULL) fail_in_library("SSL_CTX_new");
  // One call of the kernel reads many records.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, BUFFER_SIZE);
  // One of the programs to exchange a file with ends without close_notify.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  return context;
}

static SSL *make_stream(SSL_CTX *context, int descriptor) {
  SSL *stream = SSL_new(context);
  if (stream == NULL || SSL_set_fd(stream, descriptor) != 1) fail_in_library("SSL_new");
  return stream;
}

static void check_cipher(const SSL *stream) {
  if (strcmp(SSL_get_cipher_name(stream), CIPHER) == 0) return;
  fprintf(stderr, "agreed on %s, not on %s\n", SSL_get_cipher_name(stream), CIPHER);
  exit(1);
}

static void receive(const char *port, const char *certificate) {
  SSL_CTX *context = make_context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1
      || SSL_CTX_use_PrivateKey_file(context, certificate, SSL_FILETYPE_PEM) != 1)
    fail_in_library(certificate);
  SSL *stream = make_stream(context, accept_one(port));
  if (SSL_accept(stream) != 1) fail_in_library("SSL_accept");
  check_cipher(stream);
  int count;
  while ((count = SSL_read(stream, buffer, BUFFER_SIZE)) > 0)
    for (int written = 0; written < count;) {
      ssize_t moved = write(STDOUT_FILENO, buffer + written, (size_t)(count - written));
      if (moved < 0) fail("write");
      written += (int)moved;
    }
  if (SSL_get_error(stream, count) != SSL_ERROR_ZERO_RETURN) fail_in_library("SSL_read");
  SSL_shutdown(stream);
}

static void send_all(const char *port, const char *authority) {
  SSL_CTX *context = make_context(TLS_client_method());
  if (SSL_CTX_load_verify_file(context, authority) != 1) fail_in_library(authority);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL *stream = make_stream(context, connect_to(port));
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream), HOST) != 1) fail_in_library("X509_VERIFY_PARAM_set1_ip_asc");
  if (SSL_connect(stream) != 1) fail_in_library("SSL_connect");
  check_cipher(stream);
  ssize_t count;
  while ((count = read(STDIN_FILENO, buffer, BUFFER_SIZE)) > 0)
    if (SSL_write(stream, buffer, (int)count) != count) fail_in_library("SSL_write");
  if (count < 0) fail("read");
  if (SSL_shutdown(stream) < 0) fail_in_library("SSL_shutdown");
  // Without taking what the peer has sent, such as tickets, closing would reset the connection and lose data.
  while (SSL_read(stream, buffer, BUFFER_SIZE) > 0) continue;
}

int main(int count, char **words) {
  if (count == 4 && strcmp(words[1], "listen") == 0) {
    receive(words[2], words[3]);
  } else if (count == 4 && strcmp(words[1], "connect") == 0) {
    send_all(words[2], words[3]);
  } else {
    fputs("usage: tls_copy listen PORT CERTIFICATE | connect PORT AUTHORITY\n", stderr);
    return 64;
  }
  return 0;
}
