// SPDX-License-Identifier: GPL-3.0-or-later

package import Handshakes
import Reactor
package import Sockets
import SystemPackage
package import Transport

/// An association with a SOCKS proxy, which relays datagrams to a target and back (RFC 1928, section 7), as long as the
/// connection lasts over which it was requested.
///
/// Each datagram has a header with the address of the target, or of the peer that has sent it.
package final class DatagramAssociation {
  /// Where the proxy receives the datagrams that it relays.
  package let relay: Address
  /// The receiver of the datagrams.
  let target: ProxyTarget
  private let control: any ByteStream
  private let resources = CopyResources(size: 1024, pipes: 0)
  private let operation: Operation
  private let header: [UInt8]
  private let outgoing: DatagramBatch
  private let incoming: DatagramBatch

  /// Takes over a connection over which a proxy has granted the association.
  ///
  /// - Parameters:
  ///   - bound: The address of the proxy's reply; `nil` if it has none.
  ///   - proxy: The proxy's name for messages.
  /// - Throws: `ENOMEM`, or that the reply is no address to send to.
  package init(
    over control: any ByteStream, bound: Address?, to target: ProxyTarget, through proxy: String
  ) throws(IOFailure) {
    operation = .sendThrough(proxy: proxy, to: "\(target)")
    guard case .internet(let address, let port)? = bound, port > 0, let own = control.remote.ip else {
      throw IOFailure(operation, .peerProtocol("the proxy replied without an address for datagrams"))
    }
    // A proxy that does not know its address means the one that it was reached at.
    relay = .internet(address.unmapped.isAny ? own : address, port: port)
    self.target = target
    self.control = control
    header = SOCKSDatagram.header(for: target)
    outgoing = try DatagramBatch(over: relay.family)
    incoming = try DatagramBatch(over: relay.family)
    // Its end is that of the association, however the sending ends: a reset would tell nothing more.
    _ = try control.setCloseRule(.orderly)
  }

  /// The maximum length of a message.
  var longestMessage: Int { Datagram.maximumLength(over: relay.family) - header.count }

  /// Whether a datagram from a peer is a reply. Only the proxy knows the addresses of a name.
  func isReply(from peer: Address) -> Bool {
    guard case .address(let address) = target.host else { return true }
    return Address.internet(address, port: target.port).isAnswered(from: peer)
  }

  // MARK: Datagrams

  /// The datagrams for the relay that contain messages of a batch.
  func wrap(_ messages: DatagramBatch, from first: Int, count: Int) throws(IOFailure) -> DatagramBatch {
    let header = header
    outgoing.removeAll()
    for index in first..<first + count {
      do throws(Errno) {
        try messages.withBytes(at: index) { (message) throws(Errno) in
          try outgoing.append(header.span, message)
        }
      } catch {
        throw IOFailure(.sendDatagram(to: relay), error)
      }
    }
    return outgoing
  }

  /// Receives what the relay has sent, as from the peers that it names; it replaces the contents of the batch.
  ///
  /// What is malformed is dropped, and so are fragments, as the standard requires of those who do not reassemble them.
  ///
  /// - Parameter receive: Receives datagrams into a batch; returns whether any were received.
  /// - Returns: Whether any were received, which may all have been dropped.
  func receive(
    into batch: DatagramBatch, from receive: (DatagramBatch) throws(IOFailure) -> Bool
  ) throws(IOFailure) -> Bool {
    batch.removeAll()
    guard try receive(incoming) else { return false }
    for index in 0..<incoming.count { unwrap(index, into: batch) }
    return true
  }

  private func unwrap(_ index: Int, into batch: DatagramBatch) {
    incoming.withBytes(at: index) { bytes in
      guard let datagram = SOCKSDatagram(bytes), datagram.fragment == 0 else { return }
      let message = bytes.extracting(datagram.headerLength...)
      // Shorter than the datagram that it was in, which fitted.
      try? batch.append(message, receivedAs: index, of: incoming)
      // A name is no address: the relay stands for such a peer.
      guard case .address(let address) = datagram.peer.host else { return }
      try? batch.direct(batch.count - 1..<batch.count, to: .internet(address, port: datagram.peer.port))
    }
  }

  // MARK: The connection

  /// The descriptor of the connection, which is ready when `check` has something to find.
  var descriptor: FileDescriptor { control.descriptor }
  /// What to watch the descriptor for.
  var interest: Readiness { control.interest(reading: true, writing: false) }

  /// Discards what the proxy has sent over the connection, which means nothing.
  ///
  /// - Throws: That the proxy has ended the association.
  func check() throws(IOFailure) {
    var reason = ""
    do throws(IOFailure) {
      guard case .endOfStream = try resources.read(from: control) else { return }
    } catch {
      reason = " (\(error.explanation))"
    }
    throw IOFailure(operation, .unavailable("the proxy ended the association\(reason)"))
  }

  /// Waits until the socket of the datagrams is ready, or the deadline has passed.
  ///
  /// - Returns: What it is ready for; empty if the deadline has passed.
  /// - Throws: That the proxy has ended the association.
  func wait(
    for interest: Readiness, of socket: FileDescriptor, until deadline: Deadline
  ) throws(IOFailure) -> Readiness {
    let reactor = Reactor.forFew()
    let datagrams = try Watch(socket, for: interest, in: reactor)
    let connection = try Watch(descriptor, for: self.interest, in: reactor)
    while try reactor.turn(until: deadline) {
      if !connection.take().isEmpty { try check() }
      let readiness = datagrams.take()
      guard readiness.isEmpty else { return readiness }
    }
    return []
  }
}
