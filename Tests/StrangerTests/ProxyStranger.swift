// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// A widespread proxy, or a load balancer in front of `sockkit proxy`.
///
/// The arguments of its script are the address and the port that it listens on, and the address of `sockkit proxy`.
struct ProxyStranger: Sendable, CustomTestStringConvertible {
  /// The program.
  let program: Stranger
  /// The scheme of its URL.
  let scheme: String
  /// Whether the answer to a client that has half-closed arrives.
  let passesHalfCloses: Bool
  /// The status for a target that it does not allow; `nil` if it allows all.
  let forbidden: Int32?
  /// Whether it understands a request that comes in pieces.
  let takesPieces: Bool
  /// Whether `sockkit proxy` is behind it, to which it names its client.
  let isInFront: Bool

  var testDescription: String { "\(program.name), \(scheme)" }

  private init(
    _ name: String, _ scheme: String, passesHalfCloses: Bool, forbidden: Int32? = nil,
    takesPieces: Bool = true, isInFront: Bool = false, _ script: String
  ) {
    program = Stranger(name: name, script: script)
    self.scheme = scheme
    self.passesHalfCloses = passesHalfCloses
    self.forbidden = forbidden
    self.takesPieces = takesPieces
    self.isInFront = isInFront
  }

  /// A host to which connections are not allowed.
  static let forbiddenHost = "127.0.0.26"

  /// Proxies that ask for no password.
  static let open =
    ["socks4", "socks5"].map { scheme in
      ProxyStranger("dante", scheme, passesHalfCloses: true, forbidden: scheme == "socks5" ? 77 : 69, dante)
    } + [
      notRelaying,
      ProxyStranger("ncat", "http", passesHalfCloses: false, "exec ncat -l -k --proxy-type http $1 $2"),
      ProxyStranger(
        "tinyproxy", "http", passesHalfCloses: false, forbidden: 77,
        """
        echo '^\(forbiddenHost)$' > /run/filter
        printf 'Listen %s\\nPort %s\\nTimeout 60\\nFilter "/run/filter"\\n' $1 $2 > /run/configuration
        exec tinyproxy -d -c /run/configuration
        """),
      ProxyStranger(
        "squid", "http", passesHalfCloses: false, forbidden: 77,
        squid(
          """
          acl forbidden dst \(forbiddenHost)
          http_access deny forbidden
          http_access allow all
          """)),
      front("nginx", "socks5", forbidden: 77, LoadBalancer.nginx),
    ]
    + [("socks4", 69), ("socks5", 77), ("http", 77)].map { scheme, forbidden in
      front("HAProxy", scheme, forbidden: forbidden, LoadBalancer.haproxy(out: "send-proxy-v2"))
    }

  private static func front(
    _ name: String, _ scheme: String, forbidden: Int32, _ script: String
  ) -> ProxyStranger {
    ProxyStranger(
      "\(name) in front", scheme, passesHalfCloses: true, forbidden: forbidden, isInFront: true, script)
  }

  /// A proxy that relays datagrams.
  static let relaying = ProxyStranger("dante", "socks5", passesHalfCloses: true, forbidden: 77, dante)

  /// A proxy of the same protocol that does not.
  static let notRelaying = ProxyStranger(
    "microsocks", "socks5", passesHalfCloses: false, takesPieces: false, "exec microsocks -i $1 -p $2")

  /// Proxies that ask for the password `secret` of the user `me`.
  static let protected = [
    ProxyStranger(
      "microsocks", "socks5", passesHalfCloses: false, "exec microsocks -i $1 -p $2 -u me -P secret"),
    ProxyStranger(
      "tinyproxy", "http", passesHalfCloses: false,
      """
      printf 'Listen %s\\nPort %s\\nBasicAuth me secret\\n' $1 $2 > /run/configuration
      exec tinyproxy -d -c /run/configuration
      """),
    ProxyStranger(
      "squid with Digest", "http", passesHalfCloses: false,
      "echo me:secret > /run/passwords\n"
        + squid(
          """
          auth_param digest program /usr/lib/squid/digest_file_auth /run/passwords
          auth_param digest realm test
          acl known proxy_auth REQUIRED
          http_access allow known
          http_access deny all
          """)),
  ]

  private static func squid(_ rules: String) -> String {
    """
    mkdir -p /run/squid && chmod 777 /run/squid
    cat > /run/configuration <<END
    http_port $1:$2
    pid_filename none
    access_log none
    cache deny all
    shutdown_lifetime 0 seconds
    \(rules)
    END
    exec squid -N -d 1 -f /run/configuration
    """
  }

  private static let dante = """
    cat > /run/configuration <<END
    logoutput: stderr
    internal: $1 port = $2
    external: lo
    socksmethod: none
    clientmethod: none
    user.privileged: root
    user.unprivileged: root
    client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
    socks block { from: 0.0.0.0/0 to: \(forbiddenHost)/32 }
    socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
    END
    exec danted -f /run/configuration
    """
}
