// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// A widespread program that speaks TLS, as a server or a client.
///
/// The arguments of its script are the address and the port that it listens on, the files of its certificate and its key,
/// the authority, the address that it connects to, and the version of TLS.
struct TLSStranger: Sendable, CustomTestStringConvertible {
  /// The program.
  let program: Stranger
  /// Whether it agrees on an application protocol in this role.
  let hasALPN: Bool
  /// Whether it ends a connection without close_notify.
  let truncates: Bool
  /// Whether it can lose bytes if the other side closes its connection after a half-close.
  let losesBytes: Bool

  var testDescription: String { program.name }

  private init(
    _ name: String, hasALPN: Bool = true, truncates: Bool = false, losesBytes: Bool = false, _ script: String
  ) {
    program = Stranger(name: name, script: script)
    self.hasALPN = hasALPN
    self.truncates = truncates
    self.losesBytes = losesBytes
  }

  /// Starts it with a certificate, to serve or to connect to an address.
  func start(
    at place: Place, _ certificate: String, of authority: TestAuthority, to target: String, version: String
  ) -> RunningProgram {
    program.start([
      place.host, "\(place.port)", authority.certificate(certificate), authority.key(certificate),
      authority.certificate, target, version,
    ])
  }

  /// Servers that require a certificate of each client, and return what they receive or forward it to an echo server.
  static let servers = [
    // It listens on all addresses, and returns lines.
    TLSStranger(
      "gnutls-serv",
      """
      exec gnutls-serv --quiet --echo --priority NORMAL:-VERS-ALL:+VERS-TLS$7 --port $2 \\
        --x509cafile $5 --x509certfile $3 --x509keyfile $4 --require-client-cert --verify-client-cert --alpn sockkit
      """),
    TLSStranger(
      "HAProxy",
      haproxy(
        in: "ssl crt /run/pem ca-file $5 verify required alpn sockkit ssl-min-ver TLSv$7 ssl-max-ver TLSv$7",
        out: "")),
    TLSStranger(
      "nginx", truncates: true,
      nginx(
        """
        load_module /usr/lib/nginx/modules/ngx_stream_module.so;
        stream {
          server {
            listen $1:$2 ssl;
            ssl_certificate $3;
            ssl_certificate_key $4;
            ssl_client_certificate $5;
            ssl_verify_client on;
            ssl_protocols TLSv$7;
            ssl_alpn sockkit;
            ssl_session_cache shared:test:1m;
            proxy_half_close on;
            proxy_pass $6;
          }
        }
        """)),
    // It takes POLLHUP for the end, even if it has not read everything.
    TLSStranger("stunnel", hasALPN: false, losesBytes: true, stunnel("requireCert = yes")),
  ]

  /// Clients that forward what they receive in plain to a server.
  static let clients = [
    TLSStranger(
      "HAProxy",
      haproxy(
        in: "",
        out: "ssl ca-file $5 verify required verifyhost localhost crt /run/pem alpn sockkit "
          + "ssl-min-ver TLSv$7 ssl-max-ver TLSv$7")),
    TLSStranger(
      "stunnel", hasALPN: false,
      stunnel(
        """
        client = yes
        checkHost = localhost
        """)),
  ]

  /// nginx as a client of a web server.
  static let webClient = TLSStranger(
    "nginx", hasALPN: false,
    nginx(
      """
      http {
        access_log off;
        server {
          listen $1:$2;
          location / {
            proxy_pass https://$6;
            proxy_ssl_certificate $3;
            proxy_ssl_certificate_key $4;
            proxy_ssl_trusted_certificate $5;
            proxy_ssl_verify on;
            proxy_ssl_name localhost;
            proxy_ssl_protocols TLSv$7;
          }
        }
      }
      """))

  private static func haproxy(in listening: String, out connecting: String) -> String {
    """
    cat $3 $4 > /run/pem
    cat > /run/configuration <<END
    global
      # Sessions are kept for each thread.
      nbthread 1
      log stdout format raw daemon
    defaults
      mode tcp
      log global
      option tcplog
      timeout connect 20s
      timeout client 60s
      timeout server 60s
    listen test
      bind $1:$2 \(listening)
      server out $6 \(connecting)
    END
    exec haproxy -db -f /run/configuration
    """
  }

  private static func nginx(_ servers: String) -> String {
    """
    cat > /run/configuration <<END
    daemon off;
    error_log /dev/stderr info;
    pid /run/pid;
    \(servers)
    events { }
    END
    exec nginx -c /run/configuration
    """
  }

  private static func stunnel(_ options: String) -> String {
    """
    cat > /run/configuration <<END
    foreground = yes
    pid =
    [test]
    accept = $1:$2
    connect = $6
    cert = $3
    key = $4
    CAfile = $5
    verifyChain = yes
    sslVersion = TLSv$7
    \(options)
    END
    exec stunnel4 /run/configuration
    """
  }
}
