// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Transport

/// The datagrams that protect messages.
///
/// Messages that the socket did not accept are protected again by the next call: the numbers of records may have gaps.
final class ProtectedOutput {
  private let datagrams: DatagramBatch

  /// - Throws: `ENOMEM`.
  init(over family: AddressFamily) throws(IOFailure) { datagrams = try DatagramBatch(over: family) }

  /// Protects messages of a batch, starting with the one at index `first`.
  ///
  /// - Parameter session: Returns the session with a peer.
  /// - Returns: The datagrams of at least one message, and at most `count`.
  /// - Throws: The reason why the first one cannot be protected.
  func protect(
    _ messages: DatagramBatch, from first: Int, count: Int,
    by session: (Address) throws(IOFailure) -> any DatagramSession
  ) throws(IOFailure) -> DatagramBatch {
    datagrams.removeAll()
    for index in first..<first + count {
      do throws(IOFailure) {
        let peer = messages.datagram(at: index).source
        let session = try session(peer)
        let datagram = try messages.withBytes(at: index) { (bytes) throws(IOFailure) in
          try session.datagram(protecting: bytes)
        }
        try append(datagram, to: peer, along: messages.returnPath(at: index))
      } catch {
        guard datagrams.count > 0 else { throw error }
        break
      }
    }
    return datagrams
  }

  /// A datagram of a session itself.
  ///
  /// - Throws: `EMSGSIZE` if it is longer than any datagram.
  func only(_ datagram: [UInt8], along path: ReturnPath) throws(IOFailure) -> DatagramBatch {
    datagrams.removeAll()
    try append(datagram, to: .unnamed, along: path)
    return datagrams
  }

  private func append(_ datagram: [UInt8], to peer: Address, along path: ReturnPath) throws(IOFailure) {
    let nothing: [UInt8] = []
    do { try datagrams.append(datagram.span, nothing.span, along: path) } catch {
      throw IOFailure(.sendDatagram(to: peer), error)
    }
  }
}
