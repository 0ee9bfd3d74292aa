// SPDX-License-Identifier: GPL-3.0-or-later

package import Calculator
package import Sockets
package import SystemPackage
import Transport

/// The source of expressions: a command line, or a stream with one per line.
package final class ExpressionSource {
  private static let pieceSize = 64 << 10

  private var given: ArraySlice<ExpressionLines.Line>
  private var lines = ExpressionLines()
  private let stream: StandardStream?
  private var isAtEnd: Bool
  /// The unit that numbers the expressions: `line` or `expression`; `nil` if there is only one.
  package let unit: String?

  /// Creates a source from given expressions.
  package init(_ expressions: [String]) {
    given = expressions.enumerated().map { .init(number: $0 + 1, bytes: ByteText.bytes(of: $1)) }[...]
    stream = nil
    isAtEnd = true
    unit = expressions.count > 1 ? "expression" : nil
  }

  /// Creates a source that reads expressions from a stream.
  package init(_ stream: StandardStream) {
    given = []
    self.stream = stream
    isAtEnd = false
    unit = "line"
  }

  /// The descriptor to wait on while `next` returns nothing; `nil` once no more can follow.
  package var descriptor: FileDescriptor? { isAtEnd ? nil : stream?.descriptor }

  /// The next expression; `nil` if there is none, or another `read()` is needed.
  package func next() -> ExpressionLines.Line? { given.popFirst() ?? lines.next() }

  /// Reads a piece of the available bytes.
  package func read() throws(IOFailure) {
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
