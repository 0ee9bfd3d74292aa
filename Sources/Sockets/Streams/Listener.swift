// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A socket that takes connections; it never blocks, and removes its socket file when it goes away.
package struct Listener: ~Copyable, Sendable {
  private let descriptor: Descriptor
  private let family: AddressFamily
  /// The address that is bound, with the port the kernel chose.
  package let local: Address
  private let file: UnixSocketFile?
  private let linger: Duration?

  /// The longest queue of connections waiting to be accepted: the kernel cuts it to `somaxconn`.
  package static let systemBacklog = 4096

  /// Binds an address and listens on it.
  ///
  /// - Parameter isDualStack: Whether an IPv6 socket takes IPv4 connections too.
  package static func open(
    on address: Address, isDualStack: Bool = false, backlog: Int = systemBacklog,
    settings: SocketSettings = SocketSettings()
  ) throws(SystemError) -> Listener {
    let family = address.family
    let descriptor = try Descriptor.socket(
      family, type: Platform.streamSocket, protocol: settings.networkProtocol(for: family))
    let number = descriptor.number
    if family == .unix {
      try UnixSocketFile.removeStale(at: address)
    } else {
      try SocketOption.reuseAddress.set(1, on: number)
      if settings.isPortReused { try SocketOption.reusePort.set(1, on: number) }
    }
    if family == .ipv6 { try SocketOption.ipv6Only.set(isDualStack ? 0 : 1, on: number) }
    try settings.apply(to: number, family: family)
    // Accepted connections inherit it, and are unfinished from their first moment.
    if family != .unix { try SocketSettings.setLinger(.zero, on: number) }
    if settings.isFastOpen, family != .unix { try SocketOption.fastOpenQueue.set(backlog, on: number) }
    try descriptor.bind(to: address)
    // From here on the listener exists, so that its end removes the socket file even if `listen` fails.
    let listener = Listener(
      descriptor, family: family, local: StreamSocket.localAddress(of: number) ?? address,
      linger: settings.linger)
    _ = try attempting(.bind(address)) { () throws(Errno) in
      try systemCall("listen(\(number.rawValue), \(backlog))") {
        listen(number.rawValue, CInt(clamping: backlog))
      }
    }
    return listener
  }

  private init(
    _ descriptor: consuming Descriptor, family: AddressFamily, local: Address, linger: Duration?
  ) {
    self.descriptor = descriptor
    self.linger = linger
    self.family = family
    self.local = local
    file = UnixSocketFile(boundTo: local)
  }

  deinit {
    // Before the descriptor is closed, which happens behind this.
    file?.remove()
  }

  /// The descriptor to wait on; readable once a connection waits.
  package var number: FileDescriptor { descriptor.number }

  /// How many Fast Open connections may wait for their handshake (RFC 7413); 0 if it is off.
  package var fastOpenQueue: Int { (try? SocketOption.fastOpenQueue.value(on: number)) ?? 0 }

  /// Takes the next connection; `nil` if none waits. The corresponding C function is `accept4`.
  ///
  /// - Throws: What is wrong with the listener if the code `isPermanent`; otherwise what the system lacks, or how a
  ///   connection broke while it waited, as accept(2) lists it.
  package func accept() throws(SystemError) -> StreamSocket? {
    var kernelAddress = KernelAddress()
    do {
      let number = number.rawValue
      let connection = try systemCall(
        "accept(\(number))", note: " from \(kernelAddress.address ?? .unnamed)"
      ) {
        unsafe kernelAddress.write { unsafe csockkit_accept(number, $0, $1) }
      }
      return StreamSocket(
        Descriptor(adopting: connection), family: family, remote: kernelAddress.address ?? .unnamed,
        linger: linger)
    } catch .wouldBlock {
      return nil
    } catch {
      throw SystemError(.accept(local), error)
    }
  }
}
