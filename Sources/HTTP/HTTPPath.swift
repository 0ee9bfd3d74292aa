// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// The path of a request, and the file names that it denotes.
struct HTTPPath: Equatable, Sendable {
  /// The query, with the question mark; empty if there is none.
  let query: String
  /// The parameters of the query, `name=value`, as they were sent.
  var parameters: [(name: Substring, value: Substring)] {
    query.dropFirst().split(separator: "&").compactMap { parameter in
      let parts = parameter.split(separator: "=", maxSplits: 1)
      return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
  }
  /// The names from the root down, without empty ones and `.`, which have no effect; `nil` if no file may be served: if
  /// a name is hidden, as `..` is, or contains an encoded slash.
  let names: [PathName]?
  /// Whether it ends with a slash or a `.`, and so can only denote a directory.
  let isDirectory: Bool

  /// Parses a path that begins with a slash, with or without a query.
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
      // Continues after an invalid name, to detect malformed encoding in the rest.
      guard let name = PathName(name), !name.isHidden else {
        names = nil
        continue
      }
      names?.append(name)
    }
    self.names = names
    self.isDirectory = isDirectory
  }

  /// The percent-encoded path of the directory that it denotes, with a slash at its end.
  ///
  /// It is composed of the names: the path as it was sent would denote another server if it began with two slashes.
  var directory: String {
    "/" + (names ?? []).map { PercentEncoding.encode($0.bytes) + "/" }.joined()
  }
}
