// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// A piece of the payload as it is sent, which knows how much of the payload has gone with what was sent.
struct EncodedChunk {
  /// What is sent.
  var bytes: [UInt8]
  /// Whether it ends with the end of a line.
  var endsLine = false
  private var sent = 0
  /// What of the payload has not gone entirely.
  private var source: Range<Int>
  /// The conversion when it came to that.
  private var replay: SendingConversion
  /// What became of the payload before that, in bytes.
  private var replayed = 0
  private var scratch: [UInt8] = []

  /// Creates a piece that is to be converted.
  ///
  /// - Parameters:
  ///   - source: Where the payload is in the buffer it was read into; empty if it is none.
  ///   - conversion: The conversion before it.
  ///   - storage: An array whose content is no longer needed.
  init(of source: Range<Int>, before conversion: SendingConversion, reusing storage: [UInt8] = []) {
    self.source = source
    replay = conversion
    bytes = storage
    bytes.removeAll(keepingCapacity: true)
  }

  /// What has not been sent.
  var unsent: Range<Int> { sent..<bytes.count }
  /// Whether everything has been sent.
  var isSent: Bool { sent == bytes.count }
  /// How many of the bytes still to be sent belong to no payload.
  var owed: Int { source.isEmpty ? bytes.count - sent : 0 }

  /// Notes that bytes were sent.
  ///
  /// - Parameter buffer: What the payload was read into.
  /// - Returns: How many bytes of the payload have gone with them, each with all that was put before it.
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
