// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PortScanTests {
  /// A loopback address on which no other test listens.
  private static func loopback(_ last: UInt8, port: UInt16 = 0) -> Address {
    .internet(.ipv4([127, 77, 0, last]), port: port)
  }

  private static func states(
    of addresses: [Address], _ ports: [UInt16], _ prepare: (inout PortScan) -> Void = { _ in },
    connector: Connector = Connector()
  ) throws -> (areOpen: Bool, states: [PortState]) {
    var scan = PortScan(of: addresses, ports: ports, by: connector)
    scan.limit = .seconds(20)
    prepare(&scan)
    var states: [PortState] = []
    let areOpen = try scan.run { states.append($0) }
    return (areOpen, states)
  }

  @Test func `open and closed ports are told apart, in their order`() throws {
    let first = try Listener.open(on: Self.loopback(11))
    let second = try Listener.open(on: Self.loopback(11))
    let open = try [#require(first.local.port), #require(second.local.port)].sorted()
    let closed = SilentPort(at: [127, 77, 0, 11])
    let ports = (open + [closed.number]).sorted()
    let result = try Self.states(of: [Self.loopback(11)], ports)
    #expect(!result.areOpen)
    #expect(result.states.map(\.port) == ports)
    for state in result.states {
      let isOpen = open.contains(state.port)
      #expect(state.verdict == (isOpen ? .open : .closed))
      #expect(state.reason == (isOpen ? nil : .connectionRefused))
    }
    #expect(try Self.states(of: [Self.loopback(11)], open).areOpen)
  }

  @Test func `a port is open if it is so at any address`() throws {
    let listener = try Listener.open(on: Self.loopback(23))
    let port = try #require(listener.local.port)
    let result = try Self.states(of: [Self.loopback(21), Self.loopback(22), Self.loopback(23)], [port])
    #expect(result.areOpen)
    #expect(result.states.map(\.address) == [Self.loopback(23, port: port)])
  }

  @Test func `a port that says nothing takes its time and no other's`() throws {
    // A full backlog drops further attempts without an answer.
    let silent = try Listener.open(on: Self.loopback(31), backlog: 0)
    let filler = try Connector().connect(to: [silent.local])
    let listener = try Listener.open(on: Self.loopback(31))
    let ports = try [#require(silent.local.port), #require(listener.local.port)].sorted()
    let result = try Self.states(of: [Self.loopback(31)], ports) { $0.limit = .milliseconds(300) }
    #expect(!result.areOpen)
    let silentState = try #require(result.states.first { $0.address == silent.local })
    #expect(silentState.verdict == .timeout && silentState.reason == nil)
    #expect(silentState.duration >= .milliseconds(300))
    #expect(result.states.first { $0.address == listener.local }?.verdict == .open)
    withExtendedLifetime(filler.descriptor) {}
  }

  @Test func `what the deadline overtakes is a time-out`() throws {
    let listener = try Listener.open(on: Self.loopback(41))
    let port = try #require(listener.local.port)
    let result = try Self.states(of: [Self.loopback(41)], [port]) { $0.deadline = .now }
    #expect(!result.areOpen && result.states.map(\.verdict) == [.timeout])
  }

  @Test func `a socket that meets itself has found nobody`() throws {
    // A port outside the range of ephemeral ports.
    let port: UInt16 = 7054
    var connector = Connector()
    connector.source = .ipv4([127, 77, 0, 54])
    connector.sourcePort = port
    let result = try Self.states(of: [Self.loopback(54)], [port], connector: connector)
    #expect(result.states.map(\.verdict) == [.closed])
    // An orderly close would block the port for a minute.
    _ = try Listener.open(on: Self.loopback(54, port: port))
  }

  @Test func `a Unix socket is a port of its own`() throws {
    let name = Address.abstract(name: "sockkit-test-\(UInt64.random(in: 0...UInt64.max))")
    #expect(try Self.states(of: [name], [0]).states.map(\.verdict) == [.closed])
    let listener = try Listener.open(on: name)
    let result = try Self.states(of: [name], [0])
    #expect(result.areOpen && result.states.map(\.address) == [listener.local])
  }

  @Test func `trying again ends when the time is over, and open ports are known before`() throws {
    let listener = try Listener.open(on: Self.loopback(71))
    let closed = SilentPort(at: [127, 77, 0, 71])
    let ports = [closed.number, try #require(listener.local.port)].sorted()
    let start = Deadline.now
    let result = try Self.states(of: [Self.loopback(71)], ports) { $0.retry = .milliseconds(600) }
    #expect(!result.areOpen && result.states.map(\.port) == ports)
    #expect(start.duration(until: .now) >= .milliseconds(550), "the last try is shortly before the end")
  }

  @Test func `nothing is tried again that cannot change`() throws {
    var connector = Connector()
    connector.source = .ipv4([127, 0, 0, 1])
    let elsewhere = Address.internet(.ipv6([UInt8](repeating: 1, count: 16), zone: 0), port: 0)
    let source = try Self.states(of: [elsewhere], [1], { $0.retry = .seconds(50) }, connector: connector)
    #expect(source.states.map(\.status) == [.unknownName])
    let nowhere = Address.unix(path: "/dev/null/x")
    let result = try Self.states(of: [nowhere], [0]) { $0.retry = .seconds(50) }
    #expect(result.states.map(\.reason) == [.notDirectory])
  }
}
