// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// A piece of the payload in its encoded form. It tracks how much of the payload the bytes sent so far contain.
struct EncodedChunk {
  /// The encoded bytes.
  var bytes: [UInt8]
  /// Whether a pause follows it, if there are pauses.
  var precedesPause = false
  private var sent = 0
  /// The part of the payload that has not been sent completely.
  private var source: Range<Int>
  /// The state of the conversion at the start of that part.
  private var replay: SendingConversion
  /// The number of encoded bytes before that part.
  private var replayed = 0
  private var scratch: [UInt8] = []

  /// Creates a piece that is to be converted.
  ///
  /// - Parameters:
  ///   - source: The range of the payload in the buffer it was read into; empty if there is no payload.
  ///   - conversion: The state of the conversion before it.
  ///   - storage: An array to reuse, whose contents are no longer needed.
  init(of source: Range<Int>, before conversion: SendingConversion, reusing storage: [UInt8] = []) {
    self.source = source
    replay = conversion
    bytes = storage
    bytes.removeAll(keepingCapacity: true)
  }

  /// The range of the bytes that have not been sent.
  var unsent: Range<Int> { sent..<bytes.count }
  /// Whether everything has been sent.
  var isSent: Bool { sent == bytes.count }
  /// The number of unsent bytes that belong to no payload.
  var owed: Int { source.isEmpty ? bytes.count - sent : 0 }

  /// Notes that bytes were sent.
  ///
  /// - Parameter buffer: The buffer that the payload was read into.
  /// - Returns: The number of payload bytes that have been sent completely, each including the bytes inserted before
  ///   it.
  mutating func didSend(_ count: Int, of buffer: Span<UInt8>) -> Int {
    sent += count
    let before = source.count
    if isSent {
      source = source.upperBound..<source.upperBound
    } else {
      while !source.isEmpty, goesWithWhatWasSent(buffer[source.lowerBound]) {
        source = source.lowerBound + 1..<source.upperBound
      }
    }
    return before - source.count
  }

  private mutating func goesWithWhatWasSent(_ byte: UInt8) -> Bool {
    var next = replay
    scratch.removeAll(keepingCapacity: true)
    next.convert(byte, into: &scratch)
    guard replayed + scratch.count <= sent else { return false }
    replayed += scratch.count
    replay = next
    return true
  }
}
