// SPDX-License-Identifier: GPL-3.0-or-later

package import Calculator
package import Sockets
package import SystemPackage
import Transport

/// Where expressions come from: a command line, or a stream with one a line.
package final class ExpressionSource {
  private static let pieceSize = 64 << 10

  private var given: ArraySlice<ExpressionLines.Line>
  private var lines = ExpressionLines()
  private let stream: StandardStream?
  private var isAtEnd: Bool
  /// What expressions are told apart by: `line` or `expression`; `nil` where there is only one.
  package let unit: String?

  /// Takes expressions that are there already.
  package init(_ expressions: [String]) {
    given = expressions.enumerated().map { .init(number: $0 + 1, bytes: ByteText.bytes(of: $1)) }[...]
    stream = nil
    isAtEnd = true
    unit = expressions.count > 1 ? "expression" : nil
  }

  /// Takes expressions from a stream as they come.
  package init(_ stream: StandardStream) {
    given = []
    self.stream = stream
    isAtEnd = false
    unit = "line"
  }

  /// The descriptor to wait on while `next` has nothing; `nil` once no more can come.
  package var number: FileDescriptor? { isAtEnd ? nil : stream?.number }

  /// The next expression; `nil` if there is none, or if it takes another `read()`.
  package func next() -> ExpressionLines.Line? { given.popFirst() ?? lines.next() }

  /// Reads a piece of what is there.
  package func read() throws(SystemError) {
    guard let stream, !isAtEnd else { return }
    var piece = [UInt8](repeating: 0, count: Self.pieceSize)
    var buffer = piece.mutableSpan
    let transfer = try stream.read(into: &buffer)
    switch transfer {
    case .wouldBlock: return
    case .moved(let count): lines.append(piece.span.extracting(first: count))
    case .endOfStream:
      isAtEnd = true
      lines.end()
    }
  }
}
