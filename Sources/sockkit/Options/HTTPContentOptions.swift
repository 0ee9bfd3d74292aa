// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore

/// What a web server has to offer, and how much its clients may send.
struct HTTPContentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Serve the files of DIR; a directory is answered with its index.html.", valueName: "dir"),
    completion: .directory,
    transform: ValueArgument.nonEmpty)
  var root: String?

  @Flag(help: "With --root: list directories that have no index.html.")
  var list = false

  @Option(
    help: ArgumentHelp("Answer every request with this file, opened anew each time.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var file: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      #"Answer every request with this text; \n, \t and \xNN are understood (default: a page that says hello)."#,
      valueName: "text"), transform: ValueArgument.escapedText)
  var text: [UInt8]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The time that the header of a request may take (default: 10s; 0: no end).", valueName: "duration"),
    transform: ValueArgument.duration)
  var headerTimeout: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The longest body of a request, which is thrown away (default: 1M).", valueName: "size"),
    transform: ValueArgument.socketBufferSize)
  var maxBody: Int?

  /// Refuses options that exclude each other.
  func validate() throws {
    guard [root != nil, file != nil, text != nil].count(where: { $0 }) <= 1 else {
      throw ValidationError("--root, --file and --text exclude each other")
    }
    if list && root == nil { throw ValidationError("--list lists directories, and needs --root") }
  }

  /// What is offered.
  ///
  /// - Throws: What opening the directory or the file throws.
  func content() throws(SystemError) -> HTTPContent {
    if let root { return .directory(try RootDirectory(path: root), isListed: list) }
    if let file { return try .file(file) }
    return text.map { .text($0) } ?? .hello
  }

  /// How much a client may send.
  var limits: HTTPLimits {
    var limits = HTTPLimits()
    if let headerTimeout { limits.headerTime = TimingOptions.limit(headerTimeout) }
    limits.body = maxBody ?? limits.body
    return limits
  }
}
