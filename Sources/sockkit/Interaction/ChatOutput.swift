// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SockkitCore
import SystemPackage

/// Standard output as a sink for the lines of a chat where no line is edited: labelled, and safe to look at.
final class ChatOutput: ByteSink {
  /// What each line of the peer begins with.
  static let label = "[peer] "
  private static let pieceSize = 64 << 10

  private let stream: StandardStream
  private var text = ScreenText(label: label)
  /// What was made of bytes and not written yet, and how many bytes it was made of.
  private var pending: [UInt8] = []
  private var taken = 0

  /// Takes over standard output.
  init(_ stream: StandardStream) { self.stream = stream }

  /// Not that of the stream: the kernel cannot label lines.
  var medium: Medium { .opaque }
  var number: FileDescriptor { stream.number }

  /// Takes bytes; they count as written once everything that was made of them is.
  func write(_ buffer: Span<UInt8>) throws(SystemError) -> Transfer {
    if taken == 0 {
      let piece = buffer.extracting(first: Self.pieceSize)
      taken = piece.count
      pending = Array((text.take(piece) + text.takeUnfinished()).utf8)
    }
    while !pending.isEmpty {
      guard try drain() else { return .wouldBlock }
    }
    defer { taken = 0 }
    return .moved(taken)
  }

  /// Writes what fits of what is pending.
  ///
  /// - Returns: Whether anything did.
  private func drain() throws(SystemError) -> Bool {
    let bytes = pending
    guard case .moved(let count) = try stream.write(bytes.span) else { return false }
    pending.removeFirst(count)
    return true
  }

  /// Ends the last line and closes standard output.
  func finish() throws(SystemError) {
    end()
    while !pending.isEmpty {
      // A negative time is one without end.
      ProcessSignals.interruptibly(writingTo: number) { _ = number.takesBytes(within: .seconds(-1)) }
      _ = try drain()
    }
    try stream.close()
  }

  /// Ends the last line, if that can be done at once.
  func end() {
    text.finish()
    guard text.isMidLine, pending.isEmpty else { return }
    pending = Array((text.takeUnfinished() + "\n").utf8)
    text.breakLine()
    // If not, the relay was broken off, or `finish` goes on with it.
    _ = try? drain()
  }

  /// A failure to write standard output.
  func writeError(_ code: Errno) -> SystemError { stream.writeError(code) }
}
