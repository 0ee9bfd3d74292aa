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
      isConnected = true
    } catch .socketIsConnected {
      isConnected = true
    } catch .nowInProgress {
      return
    } catch .alreadyInProcess {
      return
    } catch {
      throw SystemError(.connect(address), error)
    }
  }

  /// Hands over the connected socket, once.
  func takeSocket() throws(SystemError) -> StreamSocket {
    guard let descriptor = descriptor.take() else { preconditionFailure("a socket is taken once") }
    if address.family == .unix { try descriptor.makeNonBlocking() }
    return StreamSocket(descriptor, family: address.family, remote: address)
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
