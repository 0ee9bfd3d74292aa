// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import HTTP

/// Finds the ends of bodies that are passed on.
enum BodyCheck {
  /// Stops the program if a body with a length has another one.
  ///
  /// - Parameter bytes: The length in two bytes, and what the client sends.
  static func checkLength(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    let sent = bytes.dropFirst(2)
    let length = bytes.prefix(2).reduce(0) { $0 << 8 | Int($1) } % 1024 + 1
    for pieces in [Pieces.whole, pieces] {
      let end = end(of: sent, .length(length), in: pieces)
      precondition(end == .some(sent.count < length ? nil : length), "a body has another length")
    }
  }

  /// Stops the program if a body in chunks has another end.
  static func checkChunks(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    var rest = bytes
    let isValid = (try? StrictMessage.takeChunks(from: &rest)) != nil
    // What the second reading does not limit.
    let isLong = bytes.split(separator: 13).contains { $0.count > HTTPLimits().chunkLine }
    let expected = isValid ? bytes.count - rest.count : nil
    let whole = end(of: bytes, .chunked, in: .whole)
    precondition(whole == end(of: bytes, .chunked, in: pieces), "the end of a body depends on the pieces")
    if case .some(.some(let count)) = whole {
      precondition(count == expected, "a body ends elsewhere")
    } else {
      precondition(expected == nil || isLong, "the end of a body is not found")
    }
  }

  /// The number of bytes up to the end of a body; `.some(nil)` if it is incomplete, and `nil` if it is malformed.
  private static func end(of bytes: ArraySlice<UInt8>, _ framing: HTTPFraming, in pieces: Pieces) -> Int?? {
    var (body, count, isMalformed) = (HTTPForwardedBody(framing), 0, false)
    pieces.cut(bytes) { piece in
      guard !body.isComplete, !isMalformed else { return }
      do throws(HTTPError) { count += try body.read(piece) } catch { isMalformed = true }
    }
    return isMalformed ? nil : .some(body.isComplete ? count : nil)
  }
}
