// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import TestSupport
import Testing

/// What this kernel has of vsock.
enum VsockSupport {
  /// Whether it has such sockets.
  static let exists = FileManager.default.fileExists(atPath: "/dev/vsock")
  /// Whether it connects this machine to itself.
  static let isLooped = FileManager.default.fileExists(atPath: "/sys/module/vsock_loopback")
}

/// Sockets between a virtual machine and its host. Connections are made where the kernel has a way to this machine itself
/// (the module vsock_loopback); everywhere else this is about what precedes them.
@Suite(.takingTurns, .enabled(if: VsockSupport.exists))
struct VsockTests {
  @Test func `a listener tells the port that the kernel chose, and writes it to a file`() async throws {
    for port in ["any", "0"] {
      let directory = try TemporaryDirectory()
      let server = RunningProgram(
        .sockkit(["listen", "-v", "--port-file", directory.file("port"), "vsock:any:\(port)"]))
      let line = try await server.errorLine(containing: "listening")
      let written = try String(contentsOfFile: directory.file("port"), encoding: .utf8)
      #expect(line == "sockkit: listening on vsock:any:\(written.dropLast()) (vsock)")
      #expect(UInt32(written.dropLast()) ?? 0 > 0)
      server.signal(SIGTERM)
      _ = try await server.finished()
    }
  }

  @Test func `a listener is an event with identifier and port`() async throws {
    let server = RunningProgram(
      .sockkit(["echo-server", "-v", "--log-format", "json", "vsock:any:any"]))
    let line = try await server.errorLine(containing: "listening")
    #expect(line.contains(#""local":{"cid":4294967295,"port":"#), "\(line)")
    #expect(line.contains(#""protocol":"vsock""#), "\(line)")
    server.signal(SIGTERM)
    _ = try await server.finished()
  }

  @Test(arguments: [
    (["connect", "vsock:any:1"], "'vsock:any:1': 'any' is to listen on, and not to connect to"),
    (["connect", "vsock:2:any"], "'vsock:2:any': 'any' is to listen on, and not to connect to"),
    (["connect", "vsock:2:0"], "cannot connect to port 0"),
    (["connect", "vsock:2"], "'vsock:2': expected vsock:CID:PORT"),
    (
      ["connect", "vsock:me:1"],
      "'vsock:me:1': 'me' is not a CID: expected 0 to 4294967294, any, local or host"
    ),
    (
      ["listen", "vsock:any:http"],
      "'vsock:any:http': 'http' is not a port: expected 0 to 4294967294, or any to listen"
    ),
    (["connect", "-4", "vsock:2:1"], "-4 and -6 do not apply to a vsock socket"),
    (["connect", "-p", "9", "vsock:2:1"], "-s and -p do not apply to a vsock socket"),
    (["connect", "--no-delay", "vsock:2:1"], "--no-delay does not apply to a vsock socket"),
    (["connect", "--sctp", "vsock:2:1"], "--sctp does not apply to a vsock socket"),
    (["connect", "--proxy", "socks5://h:1", "vsock:2:1"], "--proxy does not apply to a vsock socket"),
    (
      ["connect", "--tls", "vsock:2:1"],
      "TLS over a vsock socket requires --tls-name: a CID is not a name to verify"
    ),
    (["listen", "--reuse-port", "vsock:any:1"], "--reuse-port: a vsock socket cannot share its port"),
    (
      ["listen", "--accept-proxy-protocol", "vsock:any:1"],
      "--accept-proxy-protocol does not apply to a vsock socket: its peers have no addresses to be trusted by"
    ),
    (
      ["udp-send", "vsock:2:1", "x"],
      "'vsock:2:1': datagrams are not sent over vsock, only connections"
    ),
    (["udp-recv", "vsock:any:1"], "'vsock:any:1': datagrams are not sent over vsock, only connections"),
    (
      ["echo-server", "--udp", "vsock:any:1"],
      "'vsock:any:1': datagrams are not sent over vsock, only connections"
    ),
    (
      ["forward", "5000", "vsock:any:1"],
      "'vsock:any:1': 'any' is to listen on, and not to connect to"
    ),
  ])
  func `what cannot work is a usage error`(arguments: [String], message: String) async throws {
    let end = try await sockkit(arguments)
    #expect(end.ending == .exit(64), "\(end)")
    #expect(end.errors.hasPrefix("sockkit: \(message)\n"), "\(end)")
  }

  @Test func `a forwarder does not forward to itself`() async throws {
    let end = try await sockkit("forward", "vsock:any:7117", "vsock:local:7117")
    #expect(
      end
        == Finished(
          .exit(64), errors: "sockkit: vsock:1:7117 cannot be both the listening address and the target\n"))
  }

  @Test(.enabled(if: VsockSupport.isLooped))
  func `bytes go both ways, and each way ends alone`() async throws {
    let server = RunningProgram(.sockkit(["echo-server", "-v", "vsock:any:any"]))
    let line = try await server.errorLine(containing: "listening")
    let port = try #require(line.split(separator: ":").last?.split(separator: " ").first)
    let content = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
    let client = try await sockkit("connect", "vsock:local:\(port)", input: .bytes(content))
    #expect(client.ending == .exit(0))
    #expect(client.output == content)
    server.signal(SIGTERM)
    _ = try await server.finished()
  }
}
