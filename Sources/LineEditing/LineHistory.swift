// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc
package import SystemPackage

/// The lines that the arrow keys bring back: those of this session, and of earlier ones if they are kept in a file.
package struct LineHistory {
  /// The lines that are kept.
  private static let length: CInt = 1000

  private var path: String?

  /// Creates an empty history, which ends with the program.
  package init() {
    using_history()
    stifle_history(Self.length)
  }

  /// Where a command's history is: in `$XDG_STATE_HOME/sockkit`, by default `~/.local/state/sockkit`.
  ///
  /// - Returns: `nil` where the environment names no home, nor anything in its place.
  package static func path(ofCommand name: String) -> String? {
    func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
    // The specification of these directories has relative ones ignored.
    if let state = variable("XDG_STATE_HOME"), state.hasPrefix("/") {
      return "\(state)/sockkit/\(name)-history"
    }
    guard let home = variable("HOME"), home.hasPrefix("/") else { return nil }
    return "\(home)/.local/state/sockkit/\(name)-history"
  }

  /// Takes up the lines of a file, and keeps new ones there; makes the file and its directories, for the user alone.
  ///
  /// - Throws: Why it cannot; `ENOTSUP` for a FIFO or a device, which are not touched, since they may wait for ever.
  package mutating func keep(in path: String) throws(Errno) {
    for (index, character) in path.enumerated().dropFirst() where character == "/" {
      // One that is there already is all that is wanted; what else may be wrong shows when the file is opened.
      unsafe mkdir(String(path.prefix(index)), 0o700)
    }
    try Self.checkKind(of: path)
    do {
      try FileDescriptor.open(
        FilePath(path), .readWrite, options: [.create, .append, .closeOnExec], permissions: .ownerReadWrite
      ).close()
    } catch {
      throw error as? Errno ?? .ioError
    }
    unsafe history_truncate_file(path, Self.length)
    let code = unsafe read_history(path)
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
    _ = unsafe append_history(1, path)
  }

  /// Refuses what is there and no regular file. The corresponding C function is `stat`.
  private static func checkKind(of path: String) throws(Errno) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return }
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
