// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// One address that is being connected to.
final class ConnectionAttempt {
  /// The descriptor to wait on: writable once there is an outcome.
  let number: FileDescriptor
  /// Whether the connection stands.
  private(set) var isConnected = false
  private let address: Address
  private var descriptor: Descriptor?

  /// Begins to connect.
  init(_ descriptor: consuming Descriptor, to address: Address) throws(SystemError) {
    number = descriptor.number
    self.address = address
    self.descriptor = consume descriptor
    try advance()
  }

  /// Finds out how far the connection has come, which after the first time is asked by connecting again:
  /// the call then returns the outcome, success or the reason for failure.
  func advance() throws(SystemError) {
    do {
      try descriptor?.connect(to: address)
    } catch .socketIsConnected {
      // The outcome that was asked for.
    } catch .nowInProgress {
      return
    } catch .alreadyInProcess {
      return
    } catch {
      throw SystemError(.connect(address), error)
    }
    guard !isConnectedToItself else {
      // An orderly end would keep the port from whoever wants to listen on it, and there is nobody to miss it.
      try SocketSettings.setLinger(.zero, on: number)
      throw SystemError(.connect(address), .connectionRefused)
    }
    isConnected = true
  }

  /// Whether the kernel has given the socket the very port that it connects to, where nobody listens: it then meets
  /// itself, by the simultaneous open of RFC 9293.
  private var isConnectedToItself: Bool {
    guard case .internet(let remote, let port) = address,
      case .internet(let local, port)? = StreamSocket.localAddress(of: number)
    else { return false }
    return remote.isAny || local == remote.unmapped
  }

  /// Hands over the connected socket, once.
  func takeSocket(linger: Duration?, isUnfinished: Bool) throws(SystemError) -> StreamSocket {
    guard let descriptor = descriptor.take() else { preconditionFailure("a socket is taken once") }
    if address.family == .unix { try descriptor.makeNonBlocking() }
    let socket = StreamSocket(descriptor, family: address.family, remote: address, linger: linger)
    if isUnfinished { try socket.resetOnClose() }
    return socket
  }
}

extension Descriptor {
  /// Bounds the time that `connect` may block on a Unix socket: `SO_SNDTIMEO`.
  func limitBlockingSends(until deadline: Deadline) throws(SystemError) {
    guard deadline != .never else { return }
    let milliseconds = max(1, Int(deadline.pollTimeout))
    var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    let number = number.rawValue
    _ = try attempting(.set("send time-out to \(milliseconds) ms")) { () throws(Errno) in
      try systemCall("setsockopt(\(number), SOL_SOCKET, SO_SNDTIMEO, {\(milliseconds) ms})") {
        unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      }
    }
  }

  /// Sets `O_NONBLOCK`, on a descriptor that nobody else shares.
  func makeNonBlocking() throws(SystemError) {
    let number = number.rawValue
    _ = try attempting(.set("O_NONBLOCK")) { () throws(Errno) in
      try systemCall("fcntl(\(number), F_SETFL, O_NONBLOCK)") { fcntl(number, F_SETFL, O_NONBLOCK) }
    }
  }
}
