// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc
package import SystemPackage

/// The lines that the arrow keys bring back: those of this session, and of earlier ones if they are kept in a file.
package struct LineHistory {
  /// The lines that are kept.
  private static let length: CInt = 1000

  private var path: FilePath?

  /// Creates an empty history, which ends with the program.
  package init() {
    using_history()
    stifle_history(Self.length)
  }

  /// Where a command's history is: in `$XDG_STATE_HOME/sockkit`, by default `~/.local/state/sockkit`.
  ///
  /// - Returns: `nil` where the environment names no home, nor anything in its place.
  package static func path(ofCommand name: String) -> FilePath? {
    func variable(_ name: String) -> FilePath? {
      unsafe getenv(name).map { unsafe FilePath(platformString: $0) }
    }
    // The specification of these directories has relative ones ignored.
    if let state = variable("XDG_STATE_HOME"), state.isAbsolute {
      return state.appending("sockkit").appending("\(name)-history")
    }
    guard let home = variable("HOME"), home.isAbsolute else { return nil }
    return home.appending(".local/state/sockkit").appending("\(name)-history")
  }

  /// Takes up the lines of a file, and keeps new ones there; makes the file and its directories, for the user alone.
  ///
  /// - Throws: Why it cannot; `ENOTSUP` for a FIFO or a device, which are not touched, since they may wait for ever.
  package mutating func keep(in path: FilePath) throws(Errno) {
    var directory = FilePath(root: path.root)
    for component in path.components.dropLast() {
      directory.append(component)
      // One that is there already is all that is wanted; what else may be wrong shows when the file is opened.
      _ = unsafe directory.withPlatformString { unsafe mkdir($0, 0o700) }
    }
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

  /// Adds a line, unless it is the last one again.
  package func add(_ line: String) { add(Array(line.utf8)) }

  /// Adds a line of bytes that may be no text, unless it is the last one again.
  package func add(_ line: [UInt8]) {
    guard last != line, !line.contains(0) else { return }
    unsafe (line + [0]).withUnsafeBytes {
      unsafe add_history($0.baseAddress?.assumingMemoryBound(to: CChar.self))
    }
    // At once and at the end of the file: another session may add to it, and this one may be killed. A disk that is
    // full costs the line in the file, and nothing else.
    guard let path, (try? Self.checkKind(of: path)) != nil else { return }
    _ = unsafe path.withPlatformString { unsafe append_history(1, $0) }
  }

  /// Refuses what is there and no regular file. The corresponding C function is `stat`.
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
