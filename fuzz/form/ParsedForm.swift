// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import HTTP

/// A form as the server reads it.
struct ParsedForm: Equatable {
  /// The contents of the parts that are complete.
  private(set) var contents: [[UInt8]] = []
  /// Their file names, and that of a part that is not complete.
  private(set) var names: [[UInt8]?] = []
  /// Whether it is wrong.
  private(set) var isRefused = false
  /// Whether it has ended.
  let isComplete: Bool

  /// Reads a form in pieces.
  init(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    guard var parser = try? MultipartParser(contentType: Array("multipart/form-data; boundary=b".utf8)) else {
      preconditionFailure("a boundary is refused that is one")
    }
    var (contents, names, isRefused) = ([[UInt8]](), [[UInt8]?](), false)
    var content: [UInt8] = []
    pieces.cut(bytes) { piece in
      guard !isRefused else { return }
      var index = 0
      do {
        reading: while true {
          switch try parser.next(piece, from: &index) {
          case .wantsMore:
            precondition(index == piece.count, "bytes are left although more are wanted")
            break reading
          case .part(let fileName):
            names.append(fileName)
            content = []
          case .content(let range): for index in range { content.append(piece[index]) }
          case .prefix(let count): content += parser.delimiter.prefix(count)
          case .partEnd: contents.append(content)
          }
        }
      } catch {
        isRefused = true
      }
    }
    self.contents = contents
    self.names = names
    self.isRefused = isRefused
    isComplete = parser.isComplete
  }
}
