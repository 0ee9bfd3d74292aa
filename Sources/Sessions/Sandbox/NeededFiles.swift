// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import LineEditing
import Sockets
import SystemPackage
import TLS

/// The files that a session opens once it runs: what it has open before does not count.
package struct NeededFiles: Sendable {
  /// A file or a directory, and what is done with it.
  struct Need: Equatable, Sendable {
    /// Its path.
    let path: String
    /// What is done with it; for a directory, with all below it.
    let right: Landlock.FileRight
  }

  /// The needs, in the order in which they were added.
  private(set) var needs: [Need] = []

  /// Creates the needs of a session that opens no files.
  package init() {}

  /// Adds the needs of another part of the session.
  package mutating func add(_ other: NeededFiles) { needs += other.needs }

  /// Adds a file, or a directory with all below it, that is read.
  package mutating func read(_ path: String) { needs.append(Need(path: path, right: .read)) }

  /// Adds a directory in which, and below which, files are created, replaced and removed.
  package mutating func replace(in directory: String) { needs.append(Need(path: directory, right: .replace)) }

  /// Adds a file that is created, replaced or written. The rights are those to its directory, and to the directory of its
  /// target if it is a link.
  package mutating func write(_ path: String) {
    for directory in Self.directories(of: path) { replace(in: directory) }
    needs.append(Need(path: path, right: .write))
  }

  /// Adds a file that is removed.
  package mutating func remove(_ path: String) {
    needs.append(Need(path: Self.directory(of: path), right: .remove))
  }

  /// Adds a file that may be replaced by another of the same name, and is then read again.
  package mutating func readAgain(_ path: String) {
    for directory in Self.directories(of: path) { read(directory) }
  }

  /// The directory of a file, and that of its target if it is a link.
  private static func directories(of path: String) -> [String] {
    [directory(of: path)] + (LinkTarget.resolved(path).map { [directory(of: $0)] } ?? [])
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

extension NeededFiles {
  /// What the handshakes of a client read and write: the certificates of authorities, and the file of a session.
  init(of settings: TLSClientSettings) {
    self.init()
    for path in SystemFiles.trusted + settings.common.authorities { read(path) }
    if let path = settings.sessionFile { write(path) }
  }

  /// What the handshakes of a server read: the certificates of authorities, which may be looked for in a directory.
  init(of settings: TLSServerSettings) {
    self.init()
    for path in settings.common.authorities { read(path) }
  }

  /// What a session with the standard streams opens once it runs.
  init(of stream: StreamInvocation) {
    self = stream.files
    guard stream.command == nil, isatty(stream.input.rawValue) == 1 else { return }
    for path in SystemFiles.ofTerminals { read(path) }
    if stream.interaction.editsLines, stream.interaction.keepsHistory {
      keepHistory(ofCommand: stream.interaction.command)
    }
  }

  /// What a session with the standard streams creates before it handles the bytes of a peer.
  init(before stream: StreamInvocation) {
    self.init()
    for file in stream.filters.records.files { write(file.path) }
  }

  /// The history of the lines that are typed. Its directory is made, since it cannot be made later.
  mutating func keepHistory(ofCommand name: String) {
    guard let path = LineHistory.path(ofCommand: name) else { return }
    LineHistory.makeDirectory(of: path)
    write(unsafe path.withPlatformString { unsafe ByteText.text(of: $0) })
  }
}
