// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Synchronization
import SystemPackage

/// A file that is written as a side output, such as a record of the traffic.
///
/// Bytes are appended, so two objects for the same file do not overwrite each other. Several threads may write: the
/// bytes of one call stay together.
package final class OutputFile: Sendable {
  /// What happens to a file that already exists.
  package enum Existing: Sendable {
    /// It is left as it is and not opened.
    case refused
    /// It is appended to.
    case continued
    /// It is truncated.
    case replaced
  }

  /// The path, as it was given.
  package let path: String
  private let descriptor: Guarded<Descriptor?>

  /// Opens or creates a file. A device or a FIFO holds nothing that could be lost, and is always opened.
  ///
  /// The corresponding C function is `open`.
  ///
  /// - Parameter isPrivate: Whether the file is readable by its owner only (mode 0600), even if it already exists.
  package init(_ path: String, existing: Existing, isPrivate: Bool = false) throws(IOFailure) {
    self.path = path
    let opened = try attempting(.createFile(path)) { () throws(Errno) in
      let isSpecial = Self.isSpecial(path)
      let creation: (flags: CInt, names: String) =
        switch existing {
        case _ where isSpecial: (0, "")
        case .refused: (O_CREAT | O_EXCL, "|O_CREAT|O_EXCL")
        case .continued: (O_CREAT, "|O_CREAT")
        case .replaced: (O_CREAT | O_TRUNC, "|O_CREAT|O_TRUNC")
        }
      // Opening a FIFO without a reader is an error; it does not block.
      let flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | creation.flags
      let mode: (number: mode_t, text: String) = isPrivate ? (0o600, "0600") : (0o666, "0666")
      let file = Descriptor(
        adopting: try systemCall(
          "open(\"\(path)\", O_WRONLY|O_APPEND|O_NONBLOCK|O_CLOEXEC\(creation.names), \(mode.text))"
        ) {
          unsafe open(ByteText.terminated(path), flags, mode.number)
        })
      if isPrivate, !isSpecial {
        let number = file.number.rawValue
        _ = try systemCall("fchmod(\(number), 0600)") { fchmod(number, mode.number) }
      }
      return file
    }
    descriptor = Guarded(opened)
  }

  /// Checks whether a file could be opened, without opening it.
  ///
  /// The corresponding C functions are `stat` and `access`.
  ///
  /// - Throws: The error that opening it would meet, as far as this can be determined beforehand.
  package static func check(_ path: String, existing: Existing) throws(IOFailure) {
    try attempting(.createFile(path)) { () throws(Errno) in
      var place = path
      do throws(Errno) {
        let kind = try FileStatus(ofPath: path).kind
        if kind == .directory { throw Errno.isDirectory }
        if kind == .regular, existing == .refused { throw Errno.fileExists }
      } catch .noSuchFileOrDirectory {
        place = directory(of: path)
      } catch {
        throw error
      }
      _ = try systemCall("access(\"\(place)\", W_OK)") { unsafe access(ByteText.terminated(place), W_OK) }
    }
  }

  /// Writes all of the bytes.
  ///
  /// - Throws: The error that keeps the rest from being written, such as a full disk.
  package func write(_ bytes: Span<UInt8>) throws(IOFailure) {
    try descriptor.withLock { (descriptor) throws(IOFailure) in
      guard let number = descriptor?.number else { throw IOFailure(.write(path), .badFileDescriptor) }
      try write(bytes, to: number)
    }
  }

  private func write(_ bytes: Span<UInt8>, to number: FileDescriptor) throws(IOFailure) {
    var written = 0
    while written < bytes.count {
      do throws(Errno) {
        if case .moved(let count) = try Transfer.write(to: number, from: bytes.extracting(written...)) {
          written += count
          continue
        }
      } catch {
        throw IOFailure(.write(path), error)
      }
      ProcessSignals.interruptibly(writingTo: number) { _ = number.takesBytes(within: Self.patience) }
    }
  }

  /// Closes the file; nothing can be written afterwards.
  ///
  /// - Throws: The error that `close` reports for bytes that could not be written after all.
  package func close() throws(IOFailure) {
    try descriptor.withLock { (descriptor) throws(IOFailure) in
      guard let open = descriptor.take() else { return }
      do throws(IOFailure) { try open.close() } catch { throw IOFailure(.write(path), error.code) }
    }
  }

  /// The longest wait for the reader of a FIFO before the write is tried again.
  private static let patience = Duration.seconds(60)

  private static func directory(of path: String) -> String {
    // By scalars, not characters: a scalar after the slash may combine with it into one character.
    guard let slash = path.unicodeScalars.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(ByteText.terminated(path), &status) == 0 else { return false }
    return [S_IFCHR, S_IFIFO].contains(status.st_mode & S_IFMT)
  }
}
