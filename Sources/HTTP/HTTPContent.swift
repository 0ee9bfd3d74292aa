// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What a server has to offer.
package struct HTTPContent: Sendable {
  private enum Kind: Sendable {
    case directory(FileTree)
    case file(SingleFile)
    case fixed(Representation)
  }

  private let kind: Kind

  /// The files of a directory.
  ///
  /// - Parameters:
  ///   - root: The directory; nothing outside it is ever sent.
  ///   - isListed: Whether a directory without `index.html` is answered with a list of what is in it.
  ///   - limits: How much is listed.
  package static func directory(
    _ root: RootDirectory, isListed: Bool, limits: HTTPLimits = HTTPLimits()
  ) -> HTTPContent {
    HTTPContent(kind: .directory(FileTree(root, isListed: isListed, entryLimit: limits.listedEntries)))
  }

  /// One file, whatever path is asked for; it is opened for each request, so that a new one is seen.
  ///
  /// - Throws: What opening it throws now, or `EISDIR` and the like if it is no regular file.
  package static func file(_ path: String) throws(SystemError) -> HTTPContent {
    let file = SingleFile(path: path)
    try file.check()
    return HTTPContent(kind: .file(file))
  }

  /// A text, whatever path is asked for; it is a page if it begins with `<`.
  package static func text(_ bytes: [UInt8]) -> HTTPContent {
    let isPage = bytes.first == UInt8(ascii: "<")
    return HTTPContent(kind: .fixed(Representation(bytes, type: isPage ? MediaType.page : MediaType.text)))
  }

  /// What there is under a path.
  func answer(to path: HTTPPath) throws(HTTPError) -> HTTPAnswer {
    switch kind {
    case .directory(let tree): try tree.answer(to: path)
    case .file(let file): .found(try file.representation())
    case .fixed(let representation): .found(representation)
    }
  }
}

/// What there is under a path.
enum HTTPAnswer {
  /// Something to send.
  case found(Representation)
  /// Something that takes long to make: a list of many files.
  case later(@Sendable () throws(HTTPError) -> Representation)
  /// A directory, whose path has a slash at its end.
  case directory
}
