// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// The path of a request, and what may be looked for in the file system because of it.
struct HTTPPath: Equatable, Sendable {
  /// What followed it, with the question mark; empty if nothing did.
  let query: String
  /// The names from the root down, without the empty ones and `.`, which lead nowhere; `nil` if no file is ever
  /// served under them: if one is hidden, as `..` is, or has a slash in it that was encoded.
  let names: [PathName]?
  /// Whether it ends with a slash or a `.`, and so can only be a directory.
  let isDirectory: Bool

  /// Reads a path that begins with a slash, with or without a query.
  init(_ target: ArraySlice<UInt8>) throws(HTTPError) {
    let path = target.prefix { $0 != UInt8(ascii: "?") }
    query = String(decoding: target[path.endIndex...], as: UTF8.self)
    var names: [PathName]? = []
    var isDirectory = true
    for segment in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let name = PercentEncoding.decode(segment) else {
        throw .malformed("a percent sign in the target without two hexadecimal digits")
      }
      guard !name.contains(0) else { throw .malformed("a zero byte in the target") }
      isDirectory = name.isEmpty || name.elementsEqual(".".utf8)
      if isDirectory { continue }
      // Goes on after a name that is none, to find what is malformed all the same.
      guard let name = PathName(name), !name.isHidden else {
        names = nil
        continue
      }
      names?.append(name)
    }
    self.names = names
    self.isDirectory = isDirectory
  }

  /// The path of the directory that it leads to, percent-encoded, with a slash at its end.
  ///
  /// It is made of the names: a path that is taken as it was sent would name another server if it began with two
  /// slashes.
  var directory: String {
    "/" + (names ?? []).map { PercentEncoding.encode($0.bytes) + "/" }.joined()
  }
}
