// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets
import SystemPackage
package import Transport

/// The files that record traffic, and what is done if they exist.
package struct RecordPaths: Sendable {
  /// The file of the bytes of both directions.
  package var both: String?
  /// The file of the bytes that are sent.
  package var sent: String?
  /// The file of the bytes that are received.
  package var received: String?
  /// The file of the hex dump; `-` is standard error.
  package var hexDump: String?
  /// What the lines of the hex dump contain.
  package var hexDumpFormat = TrafficDump.Format.timed
  /// What is done if a file exists.
  package var existing = OutputFile.Existing.refused

  /// The files that are open already.
  private var openFiles: RecordFiles?

  private static let standardError = "-"

  /// Creates paths that record nothing.
  package init() {}

  /// Whether anything is recorded.
  package var areAny: Bool { hexDump != nil || !files.isEmpty }

  /// The files, and the options that name them.
  package var files: [(option: String, path: String)] {
    let all = [
      ("--record", both), ("--record-sent", sent), ("--record-received", received),
      ("--hex-dump", hexDump == Self.standardError ? nil : hexDump),
    ]
    return all.compactMap { option, path in path.map { (option, $0) } }
  }

  /// Checks that the files can be written, without changing them, so that no connection is opened in vain.
  package func check() throws(Failure) {
    // They exist because they are open.
    guard openFiles == nil else { return }
    do throws(IOFailure) {
      for file in files { try OutputFile.check(file.path, existing: existing) }
    } catch {
      let failure = Failure(error)
      guard error.code == .fileExists else { throw failure }
      throw Failure(failure.status, failure.message + " (--append continues it, --force replaces it)")
    }
  }

  /// Creates the files before there is a connection, or empties them if they are to be replaced. A FIFO is only checked:
  /// its reader would take the closing for the end.
  package func create() throws(Failure) {
    try check()
    for file in files where (try? FileStatus(ofPath: file.path).kind) != .other {
      _ = try judging { () throws(IOFailure) in try opened(file.path) }
    }
  }

  /// Opens the files for a later `open`, which may no longer do so itself. They are not opened before a session has what it
  /// needs: an attempt that fails must not leave a file behind, which the next would find.
  ///
  /// - Throws: A failure to open a file.
  package mutating func openEarly(_ observer: any SessionObserver) throws(Failure) {
    openFiles = try judging { () throws(IOFailure) in try open(observer) }
  }

  /// Opens the files, unless they are open; returns `nil` if nothing is recorded.
  func open(_ observer: any SessionObserver) throws(IOFailure) -> RecordFiles? {
    guard areAny else { return nil }
    if let openFiles { return openFiles }
    var files = RecordFiles()
    files.dumpFormat = hexDumpFormat
    files.both = try both.map(opened)
    files.sent = try sent.map(opened)
    files.received = try received.map(opened)
    files.dumpOutput =
      hexDump == Self.standardError
      ? .lines { observer.dump($0, $1) } : try hexDump.map(opened).map { .file($0) }
    return files
  }

  private func opened(_ path: String) throws(IOFailure) -> OutputFile {
    try OutputFile(path, existing: existing)
  }
}
