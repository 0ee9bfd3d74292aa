// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
import Sockets
import Synchronization
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConnectorTests {
  private static func loopback(_ last: UInt8, port: UInt16) -> Address {
    .internet(.ipv4([127, 0, 0, last]), port: port)
  }
  private static func ipv6(_ last: UInt8) -> Address {
    .internet(.ipv6([UInt8](repeating: 0, count: 15) + [last], zone: 0), port: 1)
  }

  @Test func `families take turns, the resolver's first one first`() throws {
    let four = (1...3).map { Self.loopback($0, port: 1) }
    let six = (1...2).map { Self.ipv6($0) }
    #expect(
      try Connector().candidates(among: six + four) == [six[0], four[0], six[1], four[1], four[2]])
    #expect(try Connector().candidates(among: [four[0], six[0], four[1]]) == [four[0], six[0], four[1]])
  }

  @Test func `a source address leaves only its own family`() throws {
    var connector = Connector()
    connector.source = .ipv4([127, 0, 0, 1])
    #expect(
      try connector.candidates(among: [Self.ipv6(1), Self.loopback(1, port: 1)]) == [
        Self.loopback(1, port: 1)
      ])
    #expect(throws: ConnectionError.noAddressInFamily(of: .ipv4([127, 0, 0, 1]), Self.ipv6(1))) {
      try connector.candidates(among: [Self.ipv6(1)])
    }
  }

  @Test func `a refused address gives way to the next at once`() throws {
    let listener = try Listener.open(on: Self.loopback(1, port: 0))
    let port = try #require(listener.local.port)
    let failures = Guarded<[IOFailure]>([])
    var connector = Connector()
    connector.attemptFailed = { failure in failures.withLock { $0.append(failure) } }
    let refusing = Self.loopback(2, port: port)
    let socket = try connector.connect(to: [refusing, listener.local])
    #expect(socket.remote == listener.local)
    #expect(failures.withLock { $0 } == [IOFailure(.connect(refusing), .connectionRefused)])
  }

  @Test func `a silent address gives way to the next after a quarter of a second`() throws {
    // A full backlog drops further attempts without an answer.
    let silent = try Listener.open(on: Self.loopback(1, port: 0), backlog: 0)
    let filler = try Connector().connect(to: [silent.local])
    let listener = try Listener.open(on: Self.loopback(1, port: 0))
    let start = Deadline.now
    let socket = try Connector().connect(to: [silent.local, listener.local], until: .after(.seconds(20)))
    #expect(socket.remote == listener.local)
    #expect(start.duration(until: .now) >= .milliseconds(250))
    withExtendedLifetime(filler.descriptor) {}
  }

  @Test func `the last reason is reported when all addresses refuse`() throws {
    let listener = try Listener.open(on: Self.loopback(1, port: 0))
    let port = try #require(listener.local.port)
    let addresses = (2...4).map { Self.loopback($0, port: port) }
    #expect(throws: ConnectionError.failed(IOFailure(.connect(addresses[2]), .connectionRefused))) {
      _ = try Connector().connect(to: addresses)
    }
  }

  @Test func `one budget covers all addresses`() throws {
    let silent = try Listener.open(on: Self.loopback(1, port: 0), backlog: 0)
    let filler = try Connector().connect(to: [silent.local])
    #expect(throws: ConnectionError.timedOut(silent.local)) {
      _ = try Connector().connect(to: [silent.local, silent.local], until: .after(.milliseconds(300)))
    }
    withExtendedLifetime(filler.descriptor) {}
  }

  @Test func `with a limit for each address, the last of many silent ones still gets its time`() throws {
    let silent = try Listener.open(on: Self.loopback(1, port: 0), backlog: 0)
    let filler = try Connector().connect(to: [silent.local])
    let listener = try Listener.open(on: Self.loopback(1, port: 0))
    let addresses = [silent.local, silent.local, silent.local, listener.local]
    #expect(throws: ConnectionError.timedOut(silent.local)) {
      _ = try Connector().connect(to: addresses, until: .after(.milliseconds(300)))
    }
    let failures = Guarded<[IOFailure]>([])
    var connector = Connector()
    connector.attemptLimit = .milliseconds(300)
    connector.attemptFailed = { failure in failures.withLock { $0.append(failure) } }
    #expect(try connector.connect(to: addresses).remote == listener.local)
    let late = IOFailure(.connect(silent.local), .timedOut)
    // The address that answers may do so before the time of the one before it is over.
    #expect(failures.withLock { $0 }.first == late)
    #expect(throws: ConnectionError.timedOut(silent.local)) {
      _ = try connector.connect(to: [silent.local, silent.local])
    }
    withExtendedLifetime(filler.descriptor) {}
  }

  @Test func `the source address and port are what was asked for`() throws {
    let listener = try Listener.open(on: Self.loopback(1, port: 0))
    var connector = Connector()
    connector.source = .ipv4([127, 0, 0, 9])
    #expect(try connector.connect(to: [listener.local]).local.with(port: 0) == Self.loopback(9, port: 0))
    // A port that was free a moment ago.
    connector.sourcePort = try #require(try Listener.open(on: Self.loopback(9, port: 0)).local.port)
    #expect(try connector.connect(to: [listener.local]).local == Self.loopback(9, port: connector.sourcePort))
  }

  @Test func `a source that is not local cannot be bound`() throws {
    let listener = try Listener.open(on: Self.loopback(1, port: 0))
    var connector = Connector()
    let elsewhere = IPAddress.ipv4([192, 0, 2, 1])
    connector.source = elsewhere
    let bind = Operation.bind(.internet(elsewhere, port: 0))
    #expect(throws: ConnectionError.failed(IOFailure(bind, .addressNotAvailable))) {
      _ = try connector.connect(to: [listener.local])
    }
  }
}
