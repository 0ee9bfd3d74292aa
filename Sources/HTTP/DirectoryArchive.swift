// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets
import SystemPackage

/// A body that is produced in steps while it is sent, and whose length is not known beforehand.
protocol HTTPBodyStream: AnyObject {
  /// Produces the next parts, which may be none; `nil` at the end.
  ///
  /// - Throws: The error because of which the rest cannot be produced.
  func next() throws(Errno) -> [Response.Part]?
}

/// The files of a directory and of those beneath it as a tar archive: those that would be sent one by one.
///
/// Links are kept as links. What cannot be opened for lack of permission, or has disappeared, is left out. One file is
/// open at a time, and a directory on each level.
final class DirectoryArchive: HTTPBodyStream {
  /// A directory that is being read.
  private final class Level {
    let descriptor: Descriptor
    /// The names from the root down to it.
    let names: [PathName]
    /// Its path in the archive, with a slash at the end.
    let path: [UInt8]
    var records = DirectoryRecords(capacity: 8 << 10)

    init(_ descriptor: consuming Descriptor, _ names: [PathName], path: [UInt8]) {
      self.descriptor = descriptor
      self.names = names
      self.path = path
    }
  }

  /// The number of entries after which another connection has its turn.
  private static let entriesPerStep = 64
  /// The maximum number of directories on the way to a file; each takes a descriptor.
  private static let mostLevels = 128

  private let root: RootDirectory
  private var levels: [Level] = []
  private var hasEnded = false
  /// The header of the directory itself, until it is sent.
  private var first: [UInt8]

  /// Opens the directory.
  ///
  /// - Parameters:
  ///   - names: The names from the root down to it.
  ///   - name: Its name in the archive.
  init(_ root: RootDirectory, _ names: [PathName], as name: PathName) throws(Errno) {
    self.root = root
    let directory = try root.open(names)
    let status = try FileStatus(of: directory.number)
    guard status.kind == .directory else { throw .notDirectory }
    let path = name.bytes + [UInt8(ascii: "/")]
    first = Self.entry(path, .directory, status).header
    levels.append(Level(directory, names, path: path))
  }

  func next() throws(Errno) -> [Response.Part]? {
    guard !hasEnded else { return nil }
    var headers = first
    first = []
    for _ in 0..<Self.entriesPerStep {
      guard let level = levels.last else {
        hasEnded = true
        return [.bytes(headers + TarEntry.end)]
      }
      guard let name = try level.records.next(from: level.descriptor.number) else {
        levels.removeLast()
        continue
      }
      if let file = try add(name, in: level, to: &headers) {
        let count = file.count
        return [.bytes(headers), file.part(0..<count), .bytes(TarEntry.padding(after: count))]
      }
    }
    return [.bytes(headers)]
  }

  /// Appends the header of an entry, if it is one that would be sent.
  ///
  /// - Returns: The content of a file.
  private func add(_ name: PathName, in level: Level, to headers: inout [UInt8]) throws(Errno)
    -> Representation?
  {
    let names = level.names + [name]
    let path = level.path + name.bytes
    do throws(Errno) {
      let status = try FileStatus(of: name, in: level.descriptor.number)
      // Of a link, this is what it leads to; nothing is sent that leads out or through a hidden name.
      let file = try root.open(names)
      guard status.kind != .link else {
        headers +=
          Self.entry(path, .link(target: try LinkTarget.bytes(of: name, in: level.descriptor.number)), status)
          .header
        return nil
      }
      let opened = try FileStatus(of: file.number)
      switch opened.kind {
      case .regular:
        let content = try Representation(file, status: opened, type: MediaType.unknown)
        headers += Self.entry(path, .file(count: content.count), opened).header
        return content
      case .directory:
        guard levels.count < Self.mostLevels else { throw Errno.tooManyOpenFiles }
        let path = path + [UInt8(ascii: "/")]
        headers += Self.entry(path, .directory, opened).header
        levels.append(Level(file, names, path: path))
        return nil
      case .link, .other: return nil
      }
    } catch {
      let problem = HTTPError(error)
      guard problem.status == .notFound || problem.status == .forbidden else { throw error }
      return nil
    }
  }

  private static func entry(_ path: [UInt8], _ kind: TarEntry.Kind, _ status: FileStatus) -> TarEntry {
    TarEntry(
      path: path, kind: kind, permissions: status.permissions, modified: Int(status.modified / 1_000_000_000))
  }
}
