// SPDX-License-Identifier: GPL-3.0-or-later

public import Testing

/// A widespread program as a client of `sockkit proxy`.
public struct ProxyClient: Sendable, CustomTestStringConvertible {
  /// The name in the results of tests.
  public let testDescription: String
  /// A script for `sh` that connects standard input and output through the proxy at port `$1` of the loopback to the
  /// host `$2` and its port `$3`.
  public let script: String
  /// The messages of the program if the target refuses connections, if the proxy denies it, and if it does not answer.
  public let complaints: [String]
  /// The ways of delivery that the program is up to.
  public let deliveries: [ProxyConversation.Delivery]

  /// Describes a client.
  public init(
    _ name: String, _ script: String, complaints: [String],
    deliveries: [ProxyConversation.Delivery] = [.bytewise, .gathered]
  ) {
    (testDescription, self.script, self.complaints, self.deliveries) = (name, script, complaints, deliveries)
  }

  /// Starts the script of a client with arguments and an input.
  public typealias Start = @Sendable (ProxyClient, [String], RunningProgram.Input) throws -> RunningProgram

  private static let deniedHost = "127.0.0.26"

  /// Checks that whole conversations take place, however the bytes arrive.
  public func checkConversations(by start: Start) async throws {
    // Other programs lose it whenever it happens to come along with the reply.
    let greeting = deliveries.contains(.gathered) ? ProxyConversation.greeting : ""
    let target = try ProxyConversation.target(greeting: greeting)
    let targetPort = try await target.printedPort()
    let proxy = RunningProgram.sockkit(["proxy", "-v", "127.0.0.1:0"])
    let proxyPort = try await proxy.announcedPort()
    var ways: [(name: String, port: UInt16)] = [("direct", proxyPort)]
    var relays: [RunningProgram] = []
    for delivery in deliveries {
      let relay = try delivery.relay(to: proxyPort)
      ways.append((delivery.rawValue, try await relay.printedPort()))
      relays.append(relay)
    }
    for way in ways {
      let client = try start(
        self, ["\(way.port)", "127.0.0.1", "\(targetPort)"], .bytes(Array(ProxyConversation.question.utf8)))
      let end = try await client.finished()
      #expect(end.ending == .exit(0), "\(way.name): \(end)")
      #expect(
        end.text == greeting + ProxyConversation.question + ProxyConversation.farewell, "\(way.name): \(end)")
    }
    for relay in relays { _ = try await relay.stop() }
    _ = try await target.stop()
    _ = try await proxy.stop()
  }

  /// Checks that the client learns why the proxy does not connect it.
  public func checkRefusals(by start: Start) async throws {
    let closed = SilentPort()
    let silent = try ProxyConversation.silentTarget()
    let proxy = RunningProgram.sockkit([
      "proxy", "-v", "-w", "0.3s", "--deny-target", Self.deniedHost, "127.0.0.1:0",
    ])
    let port = "\(try await proxy.announcedPort())"
    let targets = [
      ["127.0.0.1", "\(closed.number)"], [Self.deniedHost, "80"],
      ["127.0.0.1", "\(try await silent.printedPort())"],
    ]
    for (target, complaint) in zip(targets, complaints) {
      let end = try await start(self, [port] + target, .file("/dev/null")).finished()
      #expect(end.ending != .exit(0) && end.errors.contains(complaint), "\(end)")
    }
    _ = try await silent.stop()
    _ = try await proxy.stop()
  }
}
