// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Connections through widespread proxies, and the PROXY protocol with programs that speak it.
@Suite(.takingTurns)
struct ProxyStrangerTests {
  private static let payload = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }

  private static func url(_ stranger: ProxyStranger, at place: Place) -> String {
    "\(stranger.scheme)://\(place.host):\(place.port)"
  }

  @Test(arguments: ProxyStranger.open)
  func `a payload goes through a proxy and back`(stranger: ProxyStranger) async throws {
    let echo = RunningProgram.sockkit(["echo-server", "-v", "127.0.0.1:0"])
    let target = "\(try await echo.announcedPort())"
    let place = Place()
    let proxy = stranger.program.start([place.host, "\(place.port)"])
    let options = ["connect", "-4", "--retry", "30s", "--proxy", Self.url(stranger, at: place)]
    let connection = RunningProgram.sockkit(
      options + (stranger.passesHalfCloses ? [] : ["--no-shutdown", "-q", "0"]) + ["localhost", target])
    connection.send(Self.payload)
    if !stranger.passesHalfCloses { try await connection.output(ofAtLeast: Self.payload.count) }
    let end = try await connection.finish()
    let isOpen = try await sockkit(options + ["-z", "localhost", target])
    let closed = SilentPort()
    let unreachable = try await sockkit(
      "connect", "-4", "--proxy", Self.url(stranger, at: place), "localhost", "\(closed.number)")
    var forbidden: Finished?
    if stranger.forbidden != nil {
      forbidden = try await sockkit(
        "connect", "-4", "--proxy", Self.url(stranger, at: place), "localhost",
        "\(ProxyStranger.forbiddenPort)")
    }
    let log = try await proxy.stop()
    #expect(end.ending == .exit(0) && end.output == Self.payload, "\(end.errors)\(log)")
    #expect(isOpen.ending == .exit(0), "\(isOpen)\(log)")
    #expect(unreachable.ending == .exit(69), "\(unreachable)\(log)")
    #expect(
      forbidden?.ending == stranger.forbidden.map { .exit($0) }, "\(String(describing: forbidden))\(log)")
    _ = try await echo.stop()
  }

  @Test func `datagrams go through dante, to a name and to an address`() async throws {
    let echo = RunningProgram.sockkit(["echo-server", "-v", "--udp", "127.0.0.1:0"])
    let target = "\(try await echo.announcedPort())"
    let place = Place()
    let proxy = ProxyStranger.relaying.program.start([place.host, "\(place.port)"])
    var ends: [Finished] = []
    for host in ["localhost", "127.0.0.1"] {
      ends.append(
        try await sockkit(
          "udp-send", "--retry", "30s", "--proxy", Self.url(ProxyStranger.relaying, at: place), "--expect",
          "2", host, target, "one", "two"))
    }
    let log = try await proxy.stop()
    for end in ends {
      #expect(
        end == Finished(.exit(0), output: "[127.0.0.1] one\n[127.0.0.1] two\n"), "\(end)\(log)")
    }
    _ = try await echo.stop()
  }

  @Test func `microsocks relays no datagrams, and says so`() async throws {
    let place = Place()
    let stranger = ProxyStranger.notRelaying
    let proxy = stranger.program.start([place.host, "\(place.port)"])
    let end = try await sockkit(
      "udp-send", "--retry", "30s", "--proxy", Self.url(stranger, at: place), "127.0.0.1", "9", "one")
    let log = try await proxy.stop()
    #expect(end.ending == .exit(76) && end.errors.contains("(SOCKS reply 7)"), "\(end)\(log)")
  }

  @Test(arguments: ProxyStranger.protected)
  func `a proxy that asks for a password gets it`(stranger: ProxyStranger) async throws {
    let server = RunningProgram.sockkit(["http-server", "-v", "--text", "hello", "127.0.0.1:0"])
    let target = "\(try await server.announcedPort())"
    let place = Place()
    let proxy = stranger.program.start([place.host, "\(place.port)"])
    func connect(_ user: String) async throws -> Finished {
      try await sockkit(
        "connect", "-4", "--retry", "30s", "--no-shutdown", "--proxy",
        "\(stranger.scheme)://\(user)\(place.host):\(place.port)", "localhost", target,
        input: .bytes(Array("GET / HTTP/1.0\r\n\r\n".utf8)))
    }
    let good = try await connect("me:secret@")
    let (wrong, none) = (try await connect("me:wrong@"), try await connect(""))
    let log = try await proxy.stop()
    #expect(good.ending == .exit(0) && good.text.hasSuffix("hello"), "\(good)\(log)")
    #expect(wrong.ending == .exit(77) && none.ending == .exit(77), "\(wrong)\(none)\(log)")
    _ = try await server.stop()
  }

  /// The arguments of the scripts are the address and the port to listen on, and the target.
  private static func haproxy(in listening: String, out connecting: String) -> String {
    """
    cat > /run/configuration <<END
    defaults
      mode tcp
      timeout connect 20s
      timeout client 60s
      timeout server 60s
    listen test
      bind $1:$2 \(listening)
      server out $3 \(connecting)
    END
    exec haproxy -db -f /run/configuration
    """
  }

  private static let nginx = """
    cat > /run/configuration <<END
    daemon off;
    error_log /dev/stderr info;
    pid /run/pid;
    load_module /usr/lib/nginx/modules/ngx_stream_module.so;
    events { }
    stream {
      server { listen $1:$2; proxy_protocol on; proxy_half_close on; proxy_pass $3; }
    }
    END
    exec nginx -c /run/configuration
    """

  @Test(arguments: [
    Stranger(name: "HAProxy, version 1", script: haproxy(in: "", out: "send-proxy")),
    Stranger(
      name: "HAProxy, version 2",
      script: haproxy(in: "", out: "send-proxy-v2 proxy-v2-options crc32c,unique-id")),
    Stranger(name: "nginx", script: nginx),
  ])
  func `a proxy names its client`(stranger: Stranger) async throws {
    let server = RunningProgram.sockkit([
      "http-server", "-v", "--accept-proxy-protocol", "--text", "hello", "127.0.0.1:0",
    ])
    let place = Place()
    let proxy = stranger.start([
      place.host, "\(place.port)", "127.0.0.1:\(try await server.announcedPort())",
    ])
    let end = try await sockkit(
      "connect", "--retry", "30s", "-s", "127.0.0.9", place.host, "\(place.port)",
      input: .bytes(Array("GET / HTTP/1.0\r\n\r\n".utf8)))
    let log = try await proxy.stop()
    server.signal(15)
    let events = try await server.finished()
    #expect(end.ending == .exit(0) && end.text.hasSuffix("hello"), "\(end)\(log)")
    #expect(events.errors.contains(" acts for 127.0.0.9:"), "\(events)\(log)")
    #expect(events.errors.contains("connected to \(place.host):\(place.port)"), "\(events)\(log)")
  }

  @Test(arguments: ["1", "2"])
  func `HAProxy takes our header, and hands it on`(version: String) async throws {
    let server = RunningProgram.sockkit(["listen", "-v", "--accept-proxy-protocol", "127.0.0.1:0"])
    let place = Place()
    let proxy = Stranger(
      name: "HAProxy", script: Self.haproxy(in: "accept-proxy", out: "send-proxy-v2")
    ).start([place.host, "\(place.port)", "127.0.0.1:\(try await server.announcedPort())"])
    let end = try await sockkit(
      "connect", "--retry", "30s", "--proxy-protocol", version, "--proxy-source", "192.0.2.1:1234",
      place.host,
      "\(place.port)", input: .bytes(Array("payload".utf8)))
    let received = try await server.finished()
    let log = try await proxy.stop()
    #expect(end.ending == .exit(0), "\(end)\(log)")
    #expect(
      received.text == "payload" && received.errors.contains(" acts for 192.0.2.1:1234"), "\(received)\(log)")
  }
}
