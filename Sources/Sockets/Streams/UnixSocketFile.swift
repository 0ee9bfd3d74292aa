// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// The file of a Unix socket in the file system.
struct UnixSocketFile: Sendable {
  private let path: String
  private let device: dev_t
  private let inode: ino_t

  /// The file of a socket that was just bound; `nil` if its address has no file.
  init?(boundTo address: Address) {
    guard case .unix(let path) = address, let status = Self.status(of: path) else { return nil }
    self.path = path
    device = status.st_dev
    inode = status.st_ino
  }

  /// Removes a socket file that no socket is bound to any more; leaves every other file alone.
  ///
  /// The test is to connect a datagram socket: a live stream socket refuses its type without accepting anything, so a
  /// server that accepts a single connection does not lose it to this test.
  ///
  /// - Throws: `EADDRINUSE` if a socket is bound to the file, or an error if the file is not a socket.
  static func removeStale(at address: Address) throws(IOFailure) {
    guard case .unix(let path) = address else { return }
    guard let status = status(of: path) else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw IOFailure(.bind(address), .fileExists) }
    let probe = try Descriptor.socket(.unix, type: Platform.datagramSocket)
    var answer = Errno.addressInUse
    do { try probe.connect(to: address) } catch { answer = error }
    switch answer {
    case .noSuchFileOrDirectory: return
    case .connectionRefused:
      _ = try attempting(.bind(address)) { () throws(Errno) in
        try systemCall("unlink(\"\(path)\")") { unsafe unlink(ByteText.terminated(path)) }
      }
    case .permissionDenied: throw IOFailure(.bind(address), answer)
    default: throw IOFailure(.bind(address), .addressInUse)
    }
  }

  /// Removes the file, unless another file has replaced it.
  ///
  /// Must be called before the socket is closed: until then no other file has the same inode number.
  func remove() {
    guard let status = Self.status(of: path), status.st_dev == device, status.st_ino == inode else { return }
    _ = try? systemCall("unlink(\"\(path)\")") { unsafe unlink(ByteText.terminated(path)) }
  }

  /// Whether a path leads to a file that is not a socket; `connect` reports it like a socket without a listener.
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
