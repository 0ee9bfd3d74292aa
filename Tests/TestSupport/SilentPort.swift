// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A TCP port of the loopback that is bound but not listened on, so that connections are refused.
public final class SilentPort: Sendable {
  private let descriptor: CInt
  /// The port's number.
  public let number: UInt16

  /// Binds a free port of a loopback address, given by its four bytes.
  public init(at address: [UInt8] = [127, 0, 0, 1]) {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = address.reduce(0) { $0 << 8 | UInt32($1) }.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    unsafe withUnsafeMutablePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(unsafe bind(descriptor, $0, length) == 0)
        precondition(unsafe getsockname(descriptor, $0, &length) == 0)
      }
    }
    number = UInt16(bigEndian: place.sin_port)
  }

  deinit { close(descriptor) }
}
