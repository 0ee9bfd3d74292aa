// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets
import SystemPackage
import Transport

/// What the options come to that record traffic: the files that are to be written, and what becomes of those that exist.
///
/// Each command declares the options for itself: a group of options in another makes each start of a command several per
/// cent slower.
struct RecordPaths: Sendable {
  /// Of `--record`.
  let both: String?
  /// Of `--record-sent`.
  let sent: String?
  /// Of `--record-received`.
  let received: String?
  /// Of `--hex-dump`; `-` is standard error.
  let hexDump: String?
  /// Whether `--append` is given.
  let isContinuing: Bool
  /// Whether `--force` is given.
  let isReplacing: Bool

  private static let standardError = "-"

  /// Whether anything is recorded.
  var isAny: Bool { hexDump != nil || !files.isEmpty }

  /// How many descriptors the files take.
  var count: Int { files.count }

  /// The files that are to be written, and the flags that name them.
  private var files: [(flag: String, path: String)] {
    let all = [
      ("--record", both), ("--record-sent", sent), ("--record-received", received),
      ("--hex-dump", hexDump == Self.standardError ? nil : hexDump),
    ]
    return all.compactMap { flag, path in path.map { (flag, $0) } }
  }

  private var existing: OutputFile.Existing {
    isContinuing ? .continued : isReplacing ? .replaced : .refused
  }

  /// Refuses options that exclude each other, or need another.
  func validate() throws {
    if isContinuing && isReplacing { throw ValidationError("--append and --force exclude each other") }
    if (isContinuing || isReplacing) && files.isEmpty {
      throw ValidationError(
        "\(isContinuing ? "--append" : "--force") says what becomes of files, and none is named")
    }
    for (index, file) in files.enumerated() {
      if let other = files[..<index].first(where: { $0.path.utf8.elementsEqual(file.path.utf8) }) {
        throw ValidationError("\(other.flag) and \(file.flag) name the same file")
      }
    }
  }

  /// Finds out whether the files can be written, before anybody is connected to, and leaves them as they are.
  func check() throws(Failure) {
    do throws(SystemError) {
      for file in files { try OutputFile.check(file.path, existing: existing) }
    } catch {
      let failure = Failure(error)
      guard error.code == .fileExists else { throw failure }
      throw Failure(failure.status, failure.message + " (--append continues it, --force replaces it)")
    }
  }

  /// Opens the files; `nil` where nothing is recorded.
  func open(_ reporter: Reporter) throws(SystemError) -> RecordFiles? {
    guard isAny else { return nil }
    var files = RecordFiles()
    files.both = try both.map(opened)
    files.sent = try sent.map(opened)
    files.received = try received.map(opened)
    files.dumpOutput =
      hexDump == Self.standardError
      ? .lines { reporter.dump($0) } : try hexDump.map(opened).map { .file($0) }
    return files
  }

  private func opened(_ path: String) throws(SystemError) -> OutputFile {
    try OutputFile(path, existing: existing)
  }
}
