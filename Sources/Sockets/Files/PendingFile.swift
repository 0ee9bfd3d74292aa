// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A new file in a directory: it is written under a temporary name, which is hidden, and takes its own name once it is
/// complete. If it is released before, nothing of it is left.
package final class PendingFile {
  private let directory: SharedFile
  /// The name that it takes.
  package let name: PathName
  private let temporaryName: PathName
  private var file: Descriptor?
  private var isTemporary = true

  /// Creates an empty file under a temporary name, with close-on-exec set atomically. The corresponding C function is
  /// `openat`.
  ///
  /// - Parameters:
  ///   - name: The name to take.
  ///   - directory: The open directory; moving it meanwhile has no effect.
  package init(_ name: PathName, in directory: SharedFile) throws(Errno) {
    let digits = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    guard let temporaryName = PathName(".sockkit-upload-\(digits)".utf8) else { throw .invalidArgument }
    let number = directory.descriptor.rawValue
    let created = try systemCall(
      "openat(\(number), \"\(temporaryName)\", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0666)"
    ) {
      unsafe openat(
        number, temporaryName.terminated, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    }
    file = Descriptor(adopting: created)
    self.directory = directory
    self.name = name
    self.temporaryName = temporaryName
  }

  deinit { if isTemporary { removeTemporary() } }

  /// Writes all of the bytes.
  ///
  /// - Throws: The error that keeps the rest from being written, such as `ENOSPC`.
  package func write(_ bytes: Span<UInt8>) throws(Errno) {
    guard let number = file?.number else { throw .badFileDescriptor }
    var written = 0
    while written < bytes.count {
      guard case .moved(let count) = try Transfer.write(to: number, from: bytes.extracting(written...)) else {
        throw .resourceTemporarilyUnavailable
      }
      written += count
    }
  }

  /// Closes the file, which is then complete.
  ///
  /// - Throws: The error of bytes that could not be written after all.
  package func finish() throws(Errno) {
    guard let open = file.take() else { return }
    do throws(IOFailure) { try open.close() } catch { throw error.code }
  }

  /// Gives the finished file its name. The corresponding C functions are `renameat` and `renameat2`.
  ///
  /// - Parameter isReplacing: Whether it replaces a regular file of this name.
  /// - Throws: `EEXIST` if the name exists and is not replaced.
  package func takeName(isReplacing: Bool) throws(Errno) {
    let number = directory.descriptor.rawValue
    let replaces = isReplacing ? try Self.isRegular(name, in: directory) : false
    if !replaces {
      do {
        _ = try systemCall(
          "renameat2(\(number), \"\(temporaryName)\", \(number), \"\(name)\", RENAME_NOREPLACE)"
        ) {
          unsafe csockkit_rename_exclusively(number, temporaryName.terminated, name.terminated)
        }
      } catch .invalidArgument {
        return try linkName()
      }
    } else {
      _ = try systemCall("renameat(\(number), \"\(temporaryName)\", \(number), \"\(name)\")") {
        unsafe renameat(number, temporaryName.terminated, number, name.terminated)
      }
    }
    isTemporary = false
  }

  /// The same with a hard link, for a file system without RENAME_NOREPLACE. The corresponding C function is `linkat`.
  private func linkName() throws(Errno) {
    let number = directory.descriptor.rawValue
    _ = try systemCall("linkat(\(number), \"\(temporaryName)\", \(number), \"\(name)\", 0)") {
      unsafe linkat(number, temporaryName.terminated, number, name.terminated, 0)
    }
    removeTemporary()
    isTemporary = false
  }

  /// Removes the file under the name that it has taken. The corresponding C function is `unlinkat`; a failure is
  /// ignored.
  package func remove() { remove(name) }

  private func removeTemporary() { remove(temporaryName) }

  private func remove(_ name: PathName) {
    let number = directory.descriptor.rawValue
    _ = try? systemCall("unlinkat(\(number), \"\(name)\", 0)") {
      unsafe unlinkat(number, name.terminated, 0)
    }
  }

  private static func isRegular(_ name: PathName, in directory: SharedFile) throws(Errno) -> Bool {
    do {
      return try FileStatus(of: name, in: directory.descriptor).kind == .regular
    } catch .noSuchFileOrDirectory {
      return false
    }
  }
}
