// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc
package import SystemPackage

/// The lines that the arrow keys recall: those of this session, and of earlier ones if they are kept in a file.
package struct LineHistory {
  /// The maximum number of lines.
  private static let length: CInt = 1000

  private var path: FilePath?

  /// Creates an empty history, which is lost when the program ends.
  package init() {
    using_history()
    stifle_history(Self.length)
  }

  /// The path of a command's history: in `$XDG_STATE_HOME/sockkit`, by default `~/.local/state/sockkit`.
  ///
  /// - Returns: `nil` if the environment has neither a home directory nor a state directory.
  package static func path(ofCommand name: String) -> FilePath? {
    func variable(_ name: String) -> FilePath? {
      unsafe getenv(name).map { unsafe FilePath(platformString: $0) }
    }
    // The XDG Base Directory Specification requires that relative paths are ignored.
    if let state = variable("XDG_STATE_HOME"), state.isAbsolute {
      return state.appending("sockkit").appending("\(name)-history")
    }
    guard let home = variable("HOME"), home.isAbsolute else { return nil }
    return home.appending(".local/state/sockkit").appending("\(name)-history")
  }

  /// Reads the lines of a file, and appends new ones to it; creates the file and its directories, accessible to the
  /// user only.
  ///
  /// - Throws: The reason of a failure; `ENOTSUP` for a FIFO or a device, which are not opened, because that may block
  ///   without limit.
  package mutating func keep(in path: FilePath) throws(Errno) {
    Self.makeDirectory(of: path)
    try Self.checkKind(of: path)
    do {
      try FileDescriptor.open(
        path, .readWrite, options: [.create, .append, .closeOnExec], permissions: .ownerReadWrite
      ).close()
    } catch {
      throw error as? Errno ?? .ioError
    }
    let code = unsafe path.withPlatformString {
      unsafe history_truncate_file($0, Self.length)
      return unsafe read_history($0)
    }
    guard code == 0 else { throw Errno(rawValue: code) }
    self.path = path
  }

  /// Makes the directory of a history, if it is missing. An error shows when the file is opened.
  package static func makeDirectory(of path: FilePath) {
    var directory = FilePath(root: path.root)
    for component in path.components.dropLast() {
      directory.append(component)
      _ = unsafe directory.withPlatformString { unsafe mkdir($0, 0o700) }
    }
  }

  /// Adds a line, unless it repeats the last one.
  package func add(_ line: String) { add(Array(line.utf8)) }

  /// Adds a line of bytes that need not be valid text, unless it repeats the last one.
  package func add(_ line: [UInt8]) {
    guard last != line, !line.contains(0) else { return }
    unsafe (line + [0]).withUnsafeBytes {
      unsafe add_history($0.baseAddress?.assumingMemoryBound(to: CChar.self))
    }
    // Written at once and appended: another session may add to the file, and this one may be killed. If the disk is
    // full, only the line in the file is lost.
    guard let path, (try? Self.checkKind(of: path)) != nil else { return }
    _ = unsafe path.withPlatformString { unsafe append_history(1, $0) }
  }

  /// Refuses an existing file that is not a regular file. The corresponding C function is `stat`.
  private static func checkKind(of path: FilePath) throws(Errno) {
    var status = stat()
    guard unsafe path.withPlatformString({ unsafe stat($0, &status) }) == 0 else { return }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw .isDirectory
    default: throw .notSupported
    }
  }

  /// The lines, the oldest first.
  package var lines: [String] {
    (0..<history_length).compactMap { Self.line(at: history_base + $0) }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private var last: [UInt8]? { Self.line(at: history_base + history_length - 1) }

  private static func line(at index: CInt) -> [UInt8]? {
    guard let entry = unsafe history_get(index), let line = unsafe entry.pointee.line else { return nil }
    return unsafe UnsafeBufferPointer(start: line, count: strlen(line)).map(UInt8.init(bitPattern:))
  }
}
