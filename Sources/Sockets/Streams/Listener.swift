// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A listening socket; it never blocks unless that is requested, and removes its socket file when it is destroyed.
package struct Listener: ~Copyable, Sendable {
  private let owned: Descriptor
  private let family: AddressFamily
  /// What carries the bytes of its connections.
  package let transport: StreamTransport
  /// The bound address, with the port that the kernel chose.
  package let local: Address
  private let file: UnixSocketFile?
  private let linger: LingerTime?
  private let isBlocking: Bool
  private let isQuickAcknowledging: Bool
  /// Set on each connection too, because not all options are inherited.
  private let requested: [RequestedOption]

  /// The largest backlog requested: the kernel limits it to `somaxconn`.
  package static let systemBacklog = 4096

  /// Binds an address and listens on it.
  ///
  /// - Parameter isDualStack: Whether an IPv6 socket accepts IPv4 connections too.
  package static func open(
    on address: Address, isDualStack: Bool = false, backlog: Int = systemBacklog,
    settings: SocketSettings = SocketSettings()
  ) throws(IOFailure) -> Listener {
    let family = address.family
    let descriptor = try Descriptor.socket(
      family, type: settings.type, protocol: settings.networkProtocol(for: family),
      isBlocking: settings.isBlocking)
    let number = descriptor.number
    if family == .unix {
      try UnixSocketFile.removeStale(at: address)
    } else if family.isInternet {
      if settings.isAddressReused { try SocketOption.reuseAddress.set(1, on: number) }
      if settings.isPortReused { try SocketOption.reusePort.set(1, on: number) }
    }
    if family == .ipv6 { try SocketOption.ipv6Only.set(isDualStack ? 0 : 1, on: number) }
    try settings.apply(to: number, family: family)
    try settings.applyForListening(to: number, family: family)
    // Accepted connections inherit the option: they count as unfinished from the start.
    if family.isInternet { try SocketSettings.setLinger(.zero, on: number) }
    if settings.isFastOpen, family.isInternet { try SocketOption.fastOpenQueue.set(backlog, on: number) }
    try settings.socketFile.bind(descriptor, to: address)
    // From here on the listener exists, so that its deinitialiser removes the socket file even if `listen` fails.
    let listener = Listener(
      descriptor, family: family, local: StreamSocket.localAddress(of: number) ?? address,
      settings)
    if case .unix(let path) = address { try settings.socketFile.giveAway(path) }
    _ = try attempting(.bind(address)) { () throws(Errno) in
      try systemCall("listen(\(number.rawValue), \(backlog))") {
        listen(number.rawValue, CInt(clamping: backlog))
      }
    }
    return listener
  }

  private init(
    _ descriptor: consuming Descriptor, family: AddressFamily, local: Address, _ settings: SocketSettings
  ) {
    owned = descriptor
    linger = settings.linger.map { LingerTime($0) }
    isBlocking = settings.isBlocking
    isQuickAcknowledging = settings.isQuickAcknowledging
    requested = settings.requested
    self.family = family
    transport = settings.transport(for: family)
    self.local = local
    file = UnixSocketFile(boundTo: local)
  }

  /// Takes ownership of a listening socket that another process has opened. The file of a Unix socket is left to that
  /// process.
  ///
  /// - Parameter settings: The options to set; those that must be set before a socket is bound have no effect.
  /// - Throws: `EINVAL` if the socket does not listen for connections, `ENOTSUP` for a family that sockkit does not
  ///   support, and `ENOTSOCK` if the descriptor is no socket.
  package init(
    adopting inherited: consuming Descriptor, settings: SocketSettings = SocketSettings()
  ) throws(IOFailure) {
    let number = inherited.number
    let name = "listener from descriptor \(number.rawValue)"
    let (type, accepts): (Int, Int)
    do throws(IOFailure) {
      type = try SocketOption.type.value(on: number)
      accepts = try SocketOption.acceptsConnections.value(on: number)
    } catch {
      throw IOFailure(.create(name), error.reason)
    }
    guard type == Int(settings.type), accepts != 0 else {
      throw IOFailure(.create(name), .invalidArgument)
    }
    guard let local = StreamSocket.localAddress(of: number) else {
      throw IOFailure(.create(name), .notSupported)
    }
    try attempting(.set("blocking mode")) { () throws(Errno) in
      try number.setBlocking(settings.isBlocking)
      try number.setCloseOnExec()
    }
    // As in `open`.
    let transport = StreamTransport(of: number, family: local.family)
    try settings.adapted(to: transport).apply(to: number, family: local.family)
    try settings.applyForListening(to: number, family: local.family)
    if local.family.isInternet { try SocketSettings.setLinger(.zero, on: number) }
    if settings.isFastOpen, local.family.isInternet {
      try SocketOption.fastOpenQueue.set(Self.systemBacklog, on: number)
    }
    owned = inherited
    family = local.family
    self.transport = transport
    self.local = local
    file = nil
    linger = settings.linger.map { LingerTime($0) }
    isBlocking = settings.isBlocking
    isQuickAcknowledging = settings.isQuickAcknowledging
    requested = settings.requested
  }

  deinit {
    // Before the descriptor is closed, which happens after this.
    file?.remove()
  }

  /// The descriptor to wait on; readable once a connection can be accepted.
  package var descriptor: FileDescriptor { owned.number }

  /// The maximum number of Fast Open connections that wait for their handshake (RFC 7413); 0 if it is off.
  package var fastOpenQueue: Int { (try? SocketOption.fastOpenQueue.value(on: descriptor)) ?? 0 }

  /// Accepts the next connection; `nil` if none is pending. In blocking mode it waits for one, whose calls block too. The
  /// corresponding C function is `accept4`.
  ///
  /// - Throws: An error of the listening socket if the code `isPermanent`; otherwise a shortage of the system, or the
  ///   error of a connection that broke in the backlog, as listed in accept(2).
  package func accept() throws(IOFailure) -> StreamSocket? {
    var kernelAddress = KernelAddress()
    do {
      let number = descriptor.rawValue
      let connection = try systemCall(
        "accept(\(number))", note: " from \(kernelAddress.address ?? .unnamed)"
      ) {
        unsafe kernelAddress.write { unsafe csockkit_accept(number, $0, $1, isBlocking) }
      }
      let socket = StreamSocket(
        Descriptor(adopting: connection), over: transport, family: family,
        remote: kernelAddress.address ?? .unnamed,
        linger: linger, isQuickAcknowledging: isQuickAcknowledging)
      socket.acknowledgeAtOnce()
      // The listening socket has accepted them; those that only it can have are refused here.
      for option in requested where family.isInternet || option.isOfSocket {
        try? option.set(on: socket.descriptor)
      }
      return socket
    } catch .wouldBlock {
      return nil
    } catch {
      throw IOFailure(.accept(local), error)
    }
  }
}
