// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// The file that a Unix socket leaves in the file system.
enum UnixSocketFile {
  /// Removes a socket file that nobody has bound any more; leaves everything else alone.
  ///
  /// The test is to connect a datagram socket: a live stream socket refuses its type without noticing, so a
  /// server that waits for one connection does not lose it to this question.
  ///
  /// - Throws: `EADDRINUSE` if somebody has the socket, or the file is no socket.
  static func removeStale(at address: Address) throws(SystemError) {
    guard case .unix(let path) = address else { return }
    guard let kind = kind(of: path) else { return }
    guard kind == S_IFSOCK else { throw SystemError(.bind(address), .fileExists) }
    let probe = try Descriptor.socket(.unix, type: Platform.datagramSocket)
    var answer = Errno.addressInUse
    do { try probe.connect(to: address) } catch { answer = error }
    switch answer {
    case .noSuchFileOrDirectory: return
    case .connectionRefused:
      guard unsafe unlink(path) == 0 else { throw SystemError(.bind(address), Errno(rawValue: errno)) }
    case .permissionDenied: throw SystemError(.bind(address), answer)
    default: throw SystemError(.bind(address), .addressInUse)
    }
  }

  /// Removes the file of a listener that ends.
  static func remove(_ address: Address) {
    guard case .unix(let path) = address, kind(of: path) == S_IFSOCK else { return }
    _ = unsafe unlink(path)
  }

  private static func kind(of path: String) -> mode_t? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}
