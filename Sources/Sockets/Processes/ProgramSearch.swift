// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// Looks a program up as `posix_spawnp` does, without starting it.
package enum ProgramSearch {
  /// Checks that a program of a given name exists and may be executed.
  ///
  /// A name without a slash is looked for in the directories of `PATH`; an empty entry is the current directory.
  ///
  /// - Throws: `.run`, with `ENOENT` if there is no such program, or `EACCES` if the file cannot be executed.
  package static func check(_ name: String) throws(IOFailure) {
    try attempting(.run(name)) { () throws(Errno) -> Void in
      let bytes = ByteText.bytes(of: name)
      if bytes.contains(UInt8(ascii: "/")) { return try check(bytes) }
      try search(for: bytes)
    }
  }

  private static func search(for name: [UInt8]) throws(Errno) {
    let path = unsafe getenv("PATH").map {
      unsafe Array(UnsafeRawBufferPointer(start: $0, count: strlen($0)))
    }
    let directories = (path ?? usualPath).split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var isForbidden = false
    for directory in directories {
      do throws(Errno) {
        return try check(directory.isEmpty ? name : Array(directory) + [UInt8(ascii: "/")] + name)
      } catch {
        switch error {
        case .permissionDenied: isForbidden = true
        case .noSuchFileOrDirectory, .notDirectory, .operationNotSupportedByDevice, .staleNFSFileHandle,
          .timedOut:
          continue
        default: throw error
        }
      }
    }
    throw isForbidden ? Errno.permissionDenied : Errno.noSuchFileOrDirectory
  }

  /// Where glibc looks if `PATH` is not set.
  private static let usualPath = Array("/bin:/usr/bin".utf8)

  /// The corresponding C functions are `stat` and `faccessat`; only a regular file can be executed.
  private static func check(_ path: [UInt8]) throws(Errno) {
    let text = path.map { CChar(bitPattern: $0) } + [0]
    let name = ByteText.text(of: path)
    var status = stat()
    _ = try systemCall("stat(\"\(name)\")") { unsafe stat(text, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .permissionDenied }
    _ = try systemCall("faccessat(AT_FDCWD, \"\(name)\", X_OK, AT_EACCESS)") {
      unsafe faccessat(AT_FDCWD, text, X_OK, AT_EACCESS)
    }
  }
}
