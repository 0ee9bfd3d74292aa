// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
import Transport

/// The source of the names to look up: a command line, or a stream with one per line.
package final class NameSource {
  private var given: ArraySlice<LookupQuery>
  private var lines = NameLines()
  private let stream: StandardStream?
  private var isStreamAtEnd = false

  private static let pieceSize = 4096

  /// Creates a source from given names.
  package init(_ names: [String]) {
    given = names.map { LookupQuery($0) }[...]
    stream = nil
  }

  /// Creates a source that reads names from a stream.
  package init(_ stream: StandardStream) {
    given = []
    self.stream = stream
  }

  /// The next name; `nil` if there is none, or another `read()` is needed.
  package func next() -> LookupQuery? { given.popFirst() ?? lines.next() }

  /// The descriptor to wait on before `read()`; `nil` once no more names can be read.
  package var descriptor: FileDescriptor? { isStreamAtEnd ? nil : stream?.descriptor }

  /// Reads a piece of the available bytes.
  package func read() throws(IOFailure) {
    guard let stream, !isStreamAtEnd else { return }
    var piece = [UInt8](repeating: 0, count: Self.pieceSize)
    var buffer = piece.mutableSpan
    switch try stream.read(into: &buffer) {
    case .moved(let count): lines.append(piece.prefix(count))
    case .wouldBlock: return
    case .endOfStream:
      isStreamAtEnd = true
      lines.end()
    }
  }
}
