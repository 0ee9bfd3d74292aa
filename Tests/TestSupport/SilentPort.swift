// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A TCP port of the loopback that is taken and that nobody listens on, so that connections are refused.
public final class SilentPort: Sendable {
  private let descriptor: CInt
  /// The port's number.
  public let number: UInt16

  /// Takes a free port.
  public init() {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(unsafe bind(descriptor, $0, length) == 0)
        precondition(unsafe getsockname(descriptor, $0, &length) == 0)
      }
    }
    number = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}
