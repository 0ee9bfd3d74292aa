// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// The file that a Unix socket leaves in the file system.
struct UnixSocketFile: Sendable {
  private let path: String
  private let device: dev_t
  private let inode: ino_t

  /// The file of a socket that was just bound; `nil` if its address has none.
  init?(boundTo address: Address) {
    guard case .unix(let path) = address, let status = Self.status(of: path) else { return nil }
    self.path = path
    device = status.st_dev
    inode = status.st_ino
  }

  /// Removes a socket file that nobody has bound any more; leaves everything else alone.
  ///
  /// The test is to connect a datagram socket: a live stream socket refuses its type without noticing, so a
  /// server that waits for one connection does not lose it to this question.
  ///
  /// - Throws: `EADDRINUSE` if somebody has the socket, or the file is no socket.
  static func removeStale(at address: Address) throws(SystemError) {
    guard case .unix(let path) = address else { return }
    guard let status = status(of: path) else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw SystemError(.bind(address), .fileExists) }
    let probe = try Descriptor.socket(.unix, type: Platform.datagramSocket)
    var answer = Errno.addressInUse
    do { try probe.connect(to: address) } catch { answer = error }
    switch answer {
    case .noSuchFileOrDirectory: return
    case .connectionRefused:
      _ = try attempting(.bind(address)) { () throws(Errno) in
        try systemCall("unlink(\"\(path)\")") { unsafe unlink(ByteText.terminated(path)) }
      }
    case .permissionDenied: throw SystemError(.bind(address), answer)
    default: throw SystemError(.bind(address), .addressInUse)
    }
  }

  /// Removes the file, unless something else has taken its place.
  ///
  /// To be called before the socket is closed: until then no other file has the same number.
  func remove() {
    guard let status = Self.status(of: path), status.st_dev == device, status.st_ino == inode else { return }
    _ = try? systemCall("unlink(\"\(path)\")") { unsafe unlink(ByteText.terminated(path)) }
  }

  /// Whether a path leads to a file that is not a socket, which `connect` refuses as it does a socket without a listener.
  static func isOtherFile(_ path: String) -> Bool {
    var status = stat()
    let result = try? systemCall("stat(\"\(path)\")") { unsafe stat(ByteText.terminated(path), &status) }
    return result == 0 && status.st_mode & S_IFMT != S_IFSOCK
  }

  private static func status(of path: String) -> stat? {
    var status = stat()
    let result = try? systemCall("lstat(\"\(path)\")") { unsafe lstat(ByteText.terminated(path), &status) }
    return result == 0 ? status : nil
  }
}
