// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import SocketTestSupport
import Sockets
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DialerTests {
  private static func dialer(port: UInt16) -> Dialer {
    Dialer(to: .internet(host: "127.0.0.1", port: "\(port)"))
  }

  @Test func `nobody listening is said at once`() throws {
    let port = SilentPort()
    do {
      _ = try Self.dialer(port: port.number).dialSocket()
      Issue.record("connected to a closed port")
    } catch let failure {
      #expect(failure == Failure(.unavailable, "connect to 127.0.0.1:\(port.number): Connection refused"))
    }
  }

  @Test func `retrying ends with the last reason`() throws {
    let port = SilentPort()
    var dialer = Self.dialer(port: port.number)
    dialer.retry = .milliseconds(600)
    let start = Deadline.now
    do {
      _ = try dialer.dialSocket()
      Issue.record("connected to a closed port")
    } catch let failure {
      #expect(failure.status == .unavailable)
      #expect(start.duration(until: .now) >= .milliseconds(550), "the last try is shortly before the end")
    }
  }

  @Test func `an unknown name is not retried`() throws {
    var dialer = Dialer(to: .internet(host: "host.invalid", port: "80"))
    dialer.retry = .seconds(50)
    dialer.resolver = Resolver(isNumericOnly: true)
    do {
      _ = try dialer.dialSocket()
      Issue.record("connected to an unknown host")
    } catch let failure {
      #expect(failure.status == .unknownName)
    }
  }

  @Test func `a binder takes every spelling of everywhere`() throws {
    for host in [nil, "*", "::"] {
      let listener = try Binder(on: .internet(host: host, port: "0")).listen()
      let port = try #require(listener.local.port)
      let socket = try Self.dialer(port: port).dialSocket()
      #expect(socket.remote == .internet(.ipv4([127, 0, 0, 1]), port: port))
      guard let accepted = try listener.accept() else {
        Issue.record("no connection waits")
        return
      }
      #expect(accepted.remote.family == .ipv4)
    }
  }
}
