// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// The encrypted side of a DTLS session: whole datagrams in memory.
final class DatagramMemory: SourceSink {
  /// The datagram to be read next; `nil` for none.
  private var incoming: [UInt8]?
  /// The written datagrams that were not taken yet.
  private(set) var outgoing: [[UInt8]] = []

  /// The maximum number of written datagrams: the library repeats what it has sent, and nothing here is sent for sure.
  private static let capacity = 64

  /// Sets the datagram to be read next.
  func put(_ datagram: [UInt8]) { incoming = datagram }

  /// Takes the written datagrams.
  func take() -> [[UInt8]] {
    guard !outgoing.isEmpty else { return [] }
    defer { outgoing = [] }
    return outgoing
  }

  /// Takes the datagram that was written last.
  ///
  /// - Parameter count: The number of datagrams before it.
  /// - Returns: `nil` if none was written after those.
  func takeLast(behind count: Int) -> [UInt8]? { outgoing.count > count ? outgoing.popLast() : nil }

  override func receive(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Transfer? {
    // No bytes would be an error for the library.
    guard let datagram = incoming, !datagram.isEmpty else { return .wouldBlock }
    incoming = nil
    let count = min(buffer.count, datagram.count)
    unsafe UnsafeMutableRawBufferPointer(buffer).copyBytes(from: datagram.prefix(count))
    return .moved(count)
  }

  /// Keeps a copy of a datagram; beyond the maximum it is dropped.
  override func collect(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if outgoing.count < Self.capacity { outgoing.append(unsafe [UInt8](UnsafeRawBufferPointer(bytes))) }
    return true
  }
}
