// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The path of a request, and what may be looked for in the file system because of it.
struct HTTPPath: Equatable, Sendable {
  /// The path as it was sent, percent-encoded.
  let encoded: String
  /// What followed it, with the question mark; empty if nothing did.
  let query: String
  /// The names from the root down; `nil` if no file is ever served under them: if one is hidden, as `.` and `..`
  /// are, if one is empty, or has a slash in it that was encoded.
  let names: [PathName]?
  /// Whether it ends with a slash, and so can only be a directory.
  let isDirectory: Bool

  /// Reads a path that begins with a slash, with or without a query.
  init(_ target: ArraySlice<UInt8>) throws(HTTPProblem) {
    let path = target.prefix { $0 != UInt8(ascii: "?") }
    encoded = String(decoding: path, as: UTF8.self)
    query = String(decoding: target[path.endIndex...], as: UTF8.self)
    isDirectory = path.last == UInt8(ascii: "/")
    var segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if isDirectory { segments.removeLast() }
    var names: [PathName]? = []
    for segment in segments {
      guard let name = PercentEncoding.decode(segment) else {
        throw .malformed("a percent sign in the target without two hexadecimal digits")
      }
      guard !name.contains(0) else { throw .malformed("a zero byte in the target") }
      // Goes on after a name that is none, to find what is malformed all the same.
      guard let name = PathName(name), !name.isHidden else {
        names = nil
        continue
      }
      names?.append(name)
    }
    self.names = names
  }
}
