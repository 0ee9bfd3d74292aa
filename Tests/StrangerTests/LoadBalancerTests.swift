// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Programs in front of a server, which name their clients by the PROXY protocol.
///
/// The arguments of the scripts are the address and the port to listen on, and the server.
enum LoadBalancer {
  /// HAProxy, with further words for either side.
  static func haproxy(in listening: String = "", out connecting: String) -> String {
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

  /// nginx.
  static let nginx = """
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
}

/// The PROXY protocol with programs that speak it.
@Suite(.takingTurns)
struct LoadBalancerTests {
  @Test(arguments: [
    Stranger(name: "HAProxy, version 1", script: LoadBalancer.haproxy(out: "send-proxy")),
    Stranger(
      name: "HAProxy, version 2",
      script: LoadBalancer.haproxy(out: "send-proxy-v2 proxy-v2-options crc32c,unique-id")),
    Stranger(name: "nginx", script: LoadBalancer.nginx),
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
      name: "HAProxy", script: LoadBalancer.haproxy(in: "accept-proxy", out: "send-proxy-v2")
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
