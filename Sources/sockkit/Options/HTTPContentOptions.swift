// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import HTTP
import Sessions
import Sockets

/// The content of a web server, and the limits for its clients.
struct HTTPContentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Serve the files of DIR, the same as DIR as an argument; a directory is answered with its index.html.",
      valueName: "dir"),
    completion: .directory,
    transform: ValueArgument.nonEmpty)
  var root: String?

  @Flag(
    help: ArgumentHelp("List directories.", discussion: "Those without an index.html (default without DIR)."))
  var list = false

  @Flag(help: "Send directories as tar archives, under DIR/?archive=tar, to which listings have a link.")
  var archive = false

  @Flag(help: "Send FILE.br, FILE.zst or FILE.gz instead of FILE to clients that accept it.")
  var precompressed = false

  @Option(
    help: ArgumentHelp(
      "Answer every request with this file.", discussion: "It is opened for each request.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var file: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Answer every request with this text.", discussion: #"\n, \t and \xNN are understood."#,
      valueName: "text"),
    transform: ValueArgument.escapedText)
  var text: [UInt8]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The time that the header of a request may take (default: 10s; 0: no end).", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var headerTimeout: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Limit on the body of a request, which is discarded (default: 1M).", valueName: "size"),
    completion: .size, transform: ValueArgument.socketBufferSize)
  var maxBody: Int?

  /// Rejects options that exclude each other.
  ///
  /// - Parameters:
  ///   - directory: The directory that is an argument, if any.
  ///   - takesUploads: Whether files can be uploaded.
  func check(beside directory: String?, takesUploads: Bool) throws {
    if directory?.isEmpty == true { throw ValidationError("the directory to serve is empty") }
    if let directory, Self.kind(of: directory) == .regular {
      throw ValidationError(
        "'\(directory)' is a file, not a directory (to serve it, use '--file \(directory)')")
    }
    if let directory, root != nil {
      throw ValidationError("two directories are given: --root and '\(directory)'")
    }
    guard [(directory ?? root) != nil, file != nil, text != nil].count(where: { $0 }) <= 1 else {
      throw ValidationError(
        "\(directory.map { "'\($0)'" } ?? "--root"), --file and --text exclude each other")
    }
    if let flag = takesUploads ? "--upload" : directoryFlag, file != nil || text != nil {
      throw ValidationError(
        "\(flag) has no effect with \(file != nil ? "--file" : "--text"), which serves no directory")
    }
  }

  /// The first given option that only applies to a directory; `nil` if there is none.
  private var directoryFlag: String? {
    [(list, "--list"), (archive, "--archive"), (precompressed, "--precompressed")].first { $0.0 }?.1
  }

  /// The kind of the file at a path, if there is one.
  static func kind(of path: String) -> FileStatus.Kind? { (try? FileStatus(ofPath: path))?.kind }

  /// The content to serve; by default the current directory, with a list of its files.
  ///
  /// - Parameters:
  ///   - directory: The directory that is an argument, if any.
  ///   - uploads: What may be uploaded into it, if anything.
  ///   - root: The directory that will become the root of the file system, in which the directory is; `nil` for the present
  ///     one.
  /// - Throws: An error of opening the directory or the file.
  func content(
    of directory: String?, taking uploads: HTTPUploadRules?, within root: String?
  ) throws(IOFailure) -> HTTPContent {
    if let file { return try .file(file) }
    if let text { return .text(text) }
    let chosen = directory ?? self.root
    var rules = HTTPDirectoryRules(isListed: list || chosen == nil, isPrecompressed: precompressed)
    rules.isArchived = archive
    rules.uploads = uploads
    return .directory(try RootDirectory(path: chosen ?? ".", within: root), rules, limits: limits)
  }

  /// The files that are opened to serve the content.
  ///
  /// - Parameter areUploaded: Whether files can be uploaded into the directory.
  func files(of directory: String?, areUploaded: Bool) -> NeededFiles {
    var files = NeededFiles()
    guard text == nil else { return files }
    if let file {
      files.readAgain(file)
    } else {
      let chosen = directory ?? root ?? "."
      if areUploaded { files.replace(in: chosen) } else { files.read(chosen) }
    }
    return files
  }

  /// A description of the content for people.
  func subject(_ directory: String?) -> String {
    if text != nil { return "a text" }
    return file ?? directory ?? root ?? "the current directory"
  }

  /// The limits for what a client may send.
  var limits: HTTPLimits {
    var limits = HTTPLimits()
    if let headerTimeout { limits.headerTime = TimingOptions.limit(headerTimeout) }
    limits.body = maxBody ?? limits.body
    return limits
  }
}
