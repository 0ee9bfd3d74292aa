// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing

struct StreamSocketTests {
  @Test func `bytes sent on one end arrive at the other`() throws {
    let pair = try ConnectedPair()
    #expect(try Transfer.send(to: pair.near.descriptor, from: [1, 2].span) == .moved(2))
    var storage = [UInt8](repeating: 0, count: 8)
    var buffer = storage.mutableSpan
    #expect(try Transfer.receive(from: pair.far.descriptor, into: &buffer) == .moved(2))
    #expect(storage.prefix(2) == [1, 2])
  }

  @Test func `no bytes yet would block, and a half-close is the end of the stream`() throws {
    let pair = try ConnectedPair()
    var storage = [UInt8](repeating: 0, count: 8)
    var buffer = storage.mutableSpan
    #expect(try Transfer.receive(from: pair.far.descriptor, into: &buffer) == .wouldBlock)
    try pair.near.shutdownSending()
    #expect(try Transfer.receive(from: pair.far.descriptor, into: &buffer) == .endOfStream)
  }

  @Test func `sending to a peer that is gone is an error and no signal`() throws {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    hangUp(far.descriptor)
    #expect(throws: Errno.brokenPipe) { try Transfer.send(to: near.descriptor, from: [1].span) }
  }

  @Test func `a full connection would block`() throws {
    let pair = try ConnectedPair()
    let block = [UInt8](repeating: 0, count: 1 << 20)
    var transfer = Transfer.moved(0)
    while case .moved = transfer { transfer = try Transfer.send(to: pair.near.descriptor, from: block.span) }
    #expect(transfer == .wouldBlock)
    withExtendedLifetime(pair.far.descriptor) {}
  }
}

struct ListenerTests {
  private static let loopback = Address.internet(.ipv4([127, 0, 0, 1]), port: 0)

  @Test func `a thousand connections in one process leak no descriptor`() throws {
    let listener = try Listener.open(on: Self.loopback)
    for _ in 0..<1000 {
      let client = try Connector().connect(to: [listener.local], until: .after(.seconds(30)))
      let server = try listener.acceptWaiting()
      #expect(client.local == server.remote && server.local == client.remote)
      // Other tests of this process open descriptors at the same time, but far fewer than this.
      #expect(client.descriptor.rawValue < 500 && server.descriptor.rawValue < 500)
    }
  }

  @Test func `nobody waiting is no error`() throws {
    let listener = try Listener.open(on: Self.loopback)
    #expect(try listener.hasNobodyWaiting())
  }

  @Test func `a second listener on a port is refused`() throws {
    let listener = try Listener.open(on: Self.loopback)
    #expect(throws: IOFailure(.bind(listener.local), .addressInUse)) {
      _ = try Listener.open(on: listener.local)
    }
  }

  @Test func `listeners can share a port if both ask for it`() throws {
    var settings = SocketSettings()
    settings.isPortReused = true
    let first = try Listener.open(on: Self.loopback, settings: settings)
    let second = try Listener.open(on: first.local, settings: settings)
    #expect(second.local == first.local)
  }

  @Test func `accepted sockets take over the options of their listener`() throws {
    var settings = SocketSettings()
    settings.isNoDelay = true
    settings.keepalive = .seconds(7)
    settings.timeToLive = 9
    settings.congestion = "reno"
    settings.linger = .seconds(3)
    settings.differentiatedServices = DifferentiatedServices("ef")
    let listener = try Listener.open(on: Self.loopback, settings: settings)
    let client = try Connector().connect(to: [listener.local])
    let server = try listener.acceptWaiting()
    #expect(
      settings.effective(on: server.descriptor) == [
        EffectiveOption("linger", .number(3)), EffectiveOption("no-delay", .flag(true)),
        EffectiveOption("keepalive", .number(7)), EffectiveOption("ttl", .number(9)),
        EffectiveOption("dscp", .number(46)), EffectiveOption("congestion", .text("reno")),
      ])
    withExtendedLifetime(client.descriptor) {}
  }

  @Test func `buffer sizes are what the kernel really set`() throws {
    var settings = SocketSettings()
    settings.sendBuffer = 8192
    settings.receiveBuffer = 16_384
    let pair = try ConnectedPair()
    let listener = try Listener.open(on: Self.loopback, settings: settings)
    let client = try Connector().connect(to: [listener.local])
    let server = try listener.acceptWaiting()
    #expect(try SocketOption.sendBuffer.value(on: server.descriptor) == 16_384)
    #expect(try SocketOption.receiveBuffer.value(on: server.descriptor) == 32_768)
    withExtendedLifetime((client.descriptor, pair.near.descriptor)) {}
  }
}
