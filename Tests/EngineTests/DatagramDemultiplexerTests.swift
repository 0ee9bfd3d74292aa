// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Synchronization
import SystemPackage
import Testing

/// The datagrams of each peer become the messages of a connection of its own.
struct DatagramDemultiplexerTests {
  private let nothing: [UInt8] = []
  private let local: Address
  private let demultiplexer: DatagramDemultiplexer
  private let listeners: ListenerGroup
  private let batch: DatagramBatch

  init() throws {
    let socket = try DatagramSocket.bound(to: .internet(.ipv4([127, 0, 0, 1]), port: 0))
    let place = socket.local
    local = place
    demultiplexer = try DatagramDemultiplexer(
      DatagramSockets([Bound(socket, at: place)]) { _ in }, AccessPolicy(AccessControl()) { _ in }
    ) { _ in }
    listeners = ListenerGroup(demultiplexer.connections)
    batch = try DatagramBatch(over: .ipv4)
  }

  private func send(_ messages: [UInt8]..., by peer: borrowing DatagramSocket) throws {
    batch.removeAll()
    for message in messages { try batch.append(message.span, nothing.span) }
    #expect(try peer.send(batch, from: 0, count: messages.count) == messages.count)
    try demultiplexer.attend()
  }

  private struct NoConnection: Error {}

  private func accepted() throws -> StreamSocket {
    guard let socket = try listeners.accept() else { throw NoConnection() }
    return socket
  }

  private func isAnyWaiting() throws -> Bool { if try listeners.accept() != nil { true } else { false } }

  private func message(of connection: borrowing StreamSocket) throws -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 99)
    var space = bytes.mutableSpan
    guard case .moved(let count) = try Transfer.receiveMessage(from: connection.descriptor, into: &space)
    else {
      return nil
    }
    return Array(bytes.prefix(count))
  }

  @Test func `peers are told apart, and messages keep their boundaries in both directions`() throws {
    let one = try DatagramSocket.sending(to: local, wantsReplies: true, dropsForeign: true)
    let two = try DatagramSocket.sending(to: local, wantsReplies: true, dropsForeign: true)
    try send([1], [], [1, 1], by: one)
    try send([2], by: two)
    let first = try accepted()
    let second = try accepted()
    #expect(try !isAnyWaiting())
    #expect(first.remote == one.local && second.remote == two.local && first.local == local)
    #expect(try message(of: first) == [1])
    #expect(try message(of: first) == [1, 1])
    #expect(try message(of: first) == nil)
    #expect(try message(of: second) == [2])
    #expect(try Transfer.send(to: second.descriptor, from: [3, 4].span) == .moved(2))
    #expect(try Transfer.send(to: second.descriptor, from: [5].span) == .moved(1))
    try demultiplexer.attend()
    try two.descriptor.wait(for: .readable, until: .after(.seconds(20)))
    #expect(try two.receive(into: batch))
    #expect(batch.count == 2 && batch.length(at: 0) == 2 && batch.length(at: 1) == 1)
    #expect(try !one.receive(into: batch))
  }

  @Test func `what is sent after the end of a connection begins another one`() throws {
    let peer = try DatagramSocket.sending(to: local, wantsReplies: true, dropsForeign: true)
    try send([1], by: peer)
    let first = try accepted()
    #expect(try message(of: first) == [1])
    // A half-close is its end, too: nothing more can be sent.
    try first.shutdownSending()
    try send([2], by: peer)
    let second = try accepted()
    #expect(try message(of: second) == [2])
    #expect(try message(of: first) == nil)
  }

  @Test func `once no connections are taken, peers that are not connected are not heard`() throws {
    let old = try DatagramSocket.sending(to: local, wantsReplies: true, dropsForeign: true)
    let new = try DatagramSocket.sending(to: local, wantsReplies: true, dropsForeign: true)
    try send([1], by: old)
    let connection = try accepted()
    listeners.close()
    try send([2], by: new)
    try send([3], by: old)
    #expect(try !isAnyWaiting())
    #expect(try message(of: connection) == [1])
    #expect(try message(of: connection) == [3])
    #expect(try message(of: connection) == nil)
  }
}
