// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Many clients' bytes made one stream in which no line has bytes of two.
package struct LineInterleaver {
  /// One client's part in it.
  package struct Contribution {
    /// Which client it is; no other has this number.
    package let number: Int
    /// What each of its lines begins with.
    package let label: [UInt8]
    fileprivate var lines = LineBuffer()

    /// Begins a client's part.
    package init(number: Int, label: [UInt8] = []) {
      self.number = number
      self.label = label
    }
  }

  /// Whose line the stream ends in: one that was too long to be passed on whole, or has no newline.
  private var unfinished: Int?
  private let isForTerminal: Bool

  /// Creates a stream that nobody has begun a line in.
  ///
  /// - Parameter isForTerminal: Whether a person looks at it, for whom what could do harm is escaped.
  package init(isForTerminal: Bool = false) { self.isForTerminal = isForTerminal }

  /// Takes a client's bytes in.
  ///
  /// - Parameter stream: Where the lines that are whole go.
  package mutating func add(_ bytes: Span<UInt8>, of client: inout Contribution, to stream: inout [UInt8]) {
    let (number, label) = (client.number, client.label)
    client.lines.add(bytes) { (piece, endsLine) in
      put(piece, endsLine, of: number, label, to: &stream)
    }
  }

  /// Passes on what a client has begun, because it sends nothing more.
  ///
  /// A last line without a newline gets one when another client's bytes follow, and at once on a terminal.
  package mutating func end(_ client: inout Contribution, to stream: inout [UInt8]) {
    let (number, label) = (client.number, client.label)
    client.lines.end { (piece, _) in
      put(piece, isForTerminal, of: number, label, to: &stream)
    }
    if isForTerminal, unfinished == number { finishLine(in: &stream) }
  }

  /// A long line that nobody interrupts goes on unbroken: bytes of a client that is alone stay as they are.
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
