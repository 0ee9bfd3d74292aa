// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import SystemPackage

/// Who may connect to the socket file of a server, if not those whom the umask and the user of the process leave.
package struct SocketFileAttributes: Equatable, Sendable {
  /// The permission bits; writing is what allows to connect. `nil` for all that the umask leaves.
  package var mode: UInt32?
  /// The owner; `nil` for the user of the process.
  package var owner: Account?

  /// Creates the default attributes.
  package init() {}

  /// Binds a socket to the path of a file, which never has other permissions.
  ///
  /// The kernel gives the file the mode of the socket, as far as the umask allows, so the umask is set meanwhile; no other
  /// thread creates files then.
  func bind(_ socket: borrowing Descriptor, to address: Address) throws(IOFailure) {
    guard let mode else { return try socket.bind(to: address) }
    let number = socket.number.rawValue
    try attempting(.bind(address)) { () throws(Errno) in
      _ = try systemCall("fchmod(\(number), 0\(String(mode, radix: 8)))") { fchmod(number, mode) }
    }
    let previous = umask(0)
    defer { _ = umask(previous) }
    try socket.bind(to: address)
  }

  /// Gives the file of a socket to its owner. Only a socket is changed, even if another file has replaced it.
  ///
  /// The corresponding C function is `fchownat`.
  ///
  /// - Throws: `EPERM` for a process that is not root, or `ENOTSOCK`.
  func giveAway(_ path: String) throws(IOFailure) {
    guard let owner else { return }
    try attempting(.set("owner of \(path)")) { () throws(Errno) in
      let place = Descriptor(
        adopting: try systemCall("openat(AT_FDCWD, \"\(path)\", O_PATH|O_NOFOLLOW|O_CLOEXEC)") {
          unsafe csockkit_open_place(AT_FDCWD, ByteText.terminated(path))
        })
      let number = place.number.rawValue
      var status = stat()
      _ = try systemCall("fstat(\(number))") { unsafe fstat(number, &status) }
      guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notSocket }
      let group = owner.group ?? .max
      _ = try systemCall(
        "fchownat(\(number), \"\", \(owner.user), \(Int32(bitPattern: group)), AT_EMPTY_PATH)"
      ) {
        csockkit_change_owner(number, owner.user, group)
      }
    }
  }
}
