// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The content that a server provides.
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
  ///   - rules: What is sent of it, and taken into it.
  ///   - limits: The limits of a list.
  package static func directory(
    _ root: RootDirectory, _ rules: HTTPDirectoryRules, limits: HTTPLimits = HTTPLimits()
  ) -> HTTPContent {
    HTTPContent(kind: .directory(FileTree(root, rules, entryLimit: limits.listedEntries)))
  }

  /// One file for every path; it is opened for each request, so that a replaced file is noticed.
  ///
  /// - Throws: The error of opening it now, or `EISDIR` and similar errors if it is not a regular file.
  package static func file(_ path: String) throws(IOFailure) -> HTTPContent {
    let file = SingleFile(path: path)
    try file.check()
    return HTTPContent(kind: .file(file))
  }

  /// One text for every path; it is HTML if it begins with `<`.
  package static func text(_ bytes: [UInt8]) -> HTTPContent {
    let isPage = bytes.first == UInt8(ascii: "<")
    return HTTPContent(kind: .fixed(Representation(bytes, type: isPage ? MediaType.page : MediaType.text)))
  }

  /// Whether files can be uploaded.
  var takesUploads: Bool {
    if case .directory(let tree) = kind { tree.uploads != nil } else { false }
  }

  /// Begins the upload that a request with PUT or POST asks for; `nil` if there are no uploads.
  func reception(of request: HTTPRequest) throws(HTTPError) -> HTTPReception? {
    guard case .directory(let tree) = kind, let rules = tree.uploads, let path = request.line.target.path
    else {
      return nil
    }
    return .upload(try tree.upload(request, to: path, rules), most: rules.most)
  }

  /// Returns the answer for a path.
  ///
  /// - Parameter fields: The header of the request, which selects a representation.
  func answer(to path: HTTPPath, _ fields: HTTPFields) throws(HTTPError) -> HTTPAnswer {
    switch kind {
    case .directory(let tree): try tree.answer(to: path, fields)
    case .file(let file): .found(try file.representation())
    case .fixed(let representation): .found(representation)
    }
  }
}

/// What is sent of a directory, and what is taken into it.
package struct HTTPDirectoryRules: Sendable {
  /// Whether a directory without `index.html` is answered with a list of its contents.
  package var isListed: Bool
  /// Whether a compressed copy that lies beside a file is sent instead of it, to clients that accept it.
  package var isPrecompressed: Bool
  /// Whether a directory is sent as an archive to clients that ask for it.
  package var isArchived = false
  /// The files that clients may upload; `nil` if they may not.
  package var uploads: HTTPUploadRules?

  /// Creates rules.
  package init(isListed: Bool = false, isPrecompressed: Bool = false) {
    self.isListed = isListed
    self.isPrecompressed = isPrecompressed
  }
}

/// The answer for a path.
enum HTTPAnswer {
  /// A representation to send.
  case found(Representation)
  /// A representation that takes long to produce: a list of many files.
  case later(@Sendable () throws(HTTPError) -> Representation)
  /// An archive of a directory, with its file name.
  case archive(DirectoryArchive, PathName)
  /// A directory, whose path must end with a slash.
  case directory
}
