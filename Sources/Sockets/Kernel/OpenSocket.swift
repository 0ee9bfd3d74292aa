// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// The calls that every kind of socket needs first.
extension Descriptor {
  /// Creates a socket, with close-on-exec set atomically. The corresponding C function is `socket`.
  static func socket(
    _ family: AddressFamily, type: CInt, protocol: CInt = 0, isBlocking: Bool = false
  ) throws(IOFailure) -> Descriptor {
    let flags = Platform.closeOnExec | (isBlocking ? 0 : Platform.nonBlocking)
    let typeName = Platform.typeName(of: type)
    let protocolName = Platform.protocolName(of: `protocol`)
    let what = `protocol` == Platform.sctp ? "SCTP socket" : "\(family) socket"
    let number = try attempting(.create(what)) { () throws(Errno) in
      try systemCall("socket(\(family.domainName), \(typeName), \(protocolName))") {
        Glibc.socket(family.domain, type | flags, `protocol`)
      }
    }
    return Descriptor(adopting: number)
  }

  /// Binds the socket to a local address. The corresponding C function is `bind`.
  func bind(to address: Address) throws(IOFailure) {
    let number = number.rawValue
    _ = try attempting(.bind(address)) { () throws(Errno) in
      let kernelAddress = try KernelAddress(address)
      return try systemCall("bind(\(number), \(address))") {
        unsafe kernelAddress.read { unsafe Glibc.bind(number, $0, $1) }
      }
    }
  }

  /// Connects, or begins to connect. The corresponding C function is `connect`.
  ///
  /// - Throws: The bare `errno`: `EINPROGRESS` on a non-blocking socket is not a failure; `ENOTSOCK` for a file that is
  ///   not a socket.
  func connect(to address: Address) throws(Errno) {
    let number = number.rawValue
    let kernelAddress = try KernelAddress(address)
    do {
      _ = try systemCall("connect(\(number), \(address))") {
        unsafe kernelAddress.read { unsafe Glibc.connect(number, $0, $1) }
      }
    } catch {
      guard case .unix(let path) = address, error == .connectionRefused || error == .permissionDenied,
        UnixSocketFile.isOtherFile(path)
      else { throw error }
      throw .notSocket
    }
  }
}
