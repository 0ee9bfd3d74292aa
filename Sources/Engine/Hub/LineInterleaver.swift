// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Merges the bytes of many clients into one stream in which each line comes from a single client.
package struct LineInterleaver {
  /// One client's part in the stream.
  package struct Contribution {
    /// The unique number of the client.
    package let number: Int
    /// The prefix of each of its lines.
    package let label: [UInt8]
    fileprivate var lines = LineBuffer()

    /// Creates the part of a client.
    package init(number: Int, label: [UInt8] = []) {
      self.number = number
      self.label = label
    }
  }

  /// The client whose incomplete line is last in the stream: it was too long to be passed on whole, or has no newline.
  private var unfinished: Int?
  private let isForTerminal: Bool

  /// Creates an empty stream.
  ///
  /// - Parameter isForTerminal: Whether it is shown on a terminal, so that control characters are escaped.
  package init(isForTerminal: Bool = false) { self.isForTerminal = isForTerminal }

  /// Adds a client's bytes.
  ///
  /// - Parameter stream: The stream to append complete lines to.
  package mutating func add(_ bytes: Span<UInt8>, of client: inout Contribution, to stream: inout [UInt8]) {
    let (number, label) = (client.number, client.label)
    client.lines.add(bytes) { (piece, endsLine) in
      put(piece, endsLine, of: number, label, to: &stream)
    }
  }

  /// Passes on the incomplete line of a client that sends nothing more.
  ///
  /// A last line without a newline gets one when bytes of another client follow, and at once on a terminal.
  package mutating func end(_ client: inout Contribution, to stream: inout [UInt8]) {
    let (number, label) = (client.number, client.label)
    client.lines.end { (piece, _) in
      put(piece, isForTerminal, of: number, label, to: &stream)
    }
    if isForTerminal, unfinished == number { finishLine(in: &stream) }
  }

  /// A long line that no other client interrupts stays unbroken: the bytes of a single client are unchanged.
  private mutating func put(
    _ piece: Span<UInt8>, _ endsLine: Bool, of number: Int, _ label: [UInt8], to stream: inout [UInt8]
  ) {
    if unfinished != number {
      if unfinished != nil { finishLine(in: &stream) }
      stream += label
    }
    if isForTerminal {
      stream += TerminalSafe.escape(line: piece).utf8
    } else {
      stream.append(copying: piece)
    }
    unfinished = number
    if endsLine { finishLine(in: &stream) }
  }

  private mutating func finishLine(in stream: inout [UInt8]) {
    stream.append(UInt8(ascii: "\n"))
    unfinished = nil
  }
}
