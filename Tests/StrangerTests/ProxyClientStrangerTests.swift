// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Libraries for Python as clients of `sockkit proxy`.
@Suite(.takingTurns)
struct ProxyClientStrangerTests {
  /// What both do with the socket once the proxy has connected it.
  private static let exchange = """
    s.sendall(sys.stdin.buffer.read())
    s.shutdown(socket.SHUT_WR)
    while part := s.recv(1 << 16): sys.stdout.buffer.write(part)
    """

  private static func python(_ script: String) -> String {
    "exec python3 -c '\(script)\n\(exchange)' \"$@\""
  }

  private static func pySocks(_ kind: String, _ complaints: [String]) -> ProxyClient {
    // With HTTP it takes what one call has received for the reply, neither less nor more of it.
    ProxyClient(
      "PySocks, \(kind)",
      python(
        """
        import socket, socks, sys
        s = socks.socksocket()
        s.settimeout(30)
        s.set_proxy(socks.\(kind), "127.0.0.1", int(sys.argv[1]))
        s.connect((sys.argv[2], int(sys.argv[3])))
        """), complaints: complaints,
      deliveries: kind == "HTTP" ? [.bytewiseRequest] : [.bytewise, .gathered])
  }

  private static func pythonSocks(
    _ scheme: String, _ complaints: [String], _ deliveries: ProxyConversation.Delivery...
  ) -> ProxyClient {
    ProxyClient(
      "python-socks, \(scheme)",
      python(
        """
        import socket, sys
        from python_socks.sync import Proxy
        proxy = Proxy.from_url(f"\(scheme)://127.0.0.1:{sys.argv[1]}")
        s = proxy.connect(sys.argv[2], int(sys.argv[3]), timeout=30)
        """), complaints: complaints, deliveries: deliveries)
  }

  private static let clients = [
    pySocks("SOCKS4", ["0x5b", "0x5b", "0x5b"]), pySocks("SOCKS5", ["0x05", "0x02", "0x06"]),
    pySocks("HTTP", ["502", "403", "504"]),
    pythonSocks(
      "socks4", ["rejected or failed", "rejected or failed", "rejected or failed"], .bytewise, .gathered),
    // It drops what comes with the reply, and with HTTP it expects the reply in one piece, as PySocks does.
    pythonSocks("socks5", ["refused", "not allowed", "TTL expired"], .bytewise),
    pythonSocks("http", ["502", "403", "504"], .bytewiseRequest),
  ]

  private static func start(
    _ client: ProxyClient, _ arguments: [String], _ input: RunningProgram.Input
  ) -> RunningProgram {
    Stranger(name: client.testDescription, script: client.script).start(arguments, input: input)
  }

  @Test(arguments: clients)
  func `a conversation takes place, however its bytes arrive`(client: ProxyClient) async throws {
    try await client.checkConversations(by: Self.start)
  }

  @Test(arguments: clients)
  func `a client learns why it is not connected`(client: ProxyClient) async throws {
    try await client.checkRefusals(by: Self.start)
  }
}
