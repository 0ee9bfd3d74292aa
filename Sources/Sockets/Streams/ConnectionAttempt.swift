// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// An attempt to connect to one address.
final class ConnectionAttempt {
  /// The descriptor to wait on: writable once the attempt has succeeded or failed.
  let descriptor: FileDescriptor
  /// When it is given up.
  let deadline: Deadline
  /// Whether the connection is established.
  private(set) var isConnected = false
  /// The address.
  let address: Address
  private let staysBlocking: Bool
  private let transport: StreamTransport
  private var hasBegun = false
  private var owned: Descriptor?

  /// Starts to connect; on a socket in blocking mode, the call waits for the outcome.
  ///
  /// - Parameters:
  ///   - deadline: When it is given up.
  ///   - staysBlocking: Whether a Unix socket that blocked while it was connected blocks from then on too.
  ///   - transport: What carries the stream.
  init(
    _ socket: consuming Descriptor, to address: Address, until deadline: Deadline,
    staysBlocking: Bool = false,
    over transport: StreamTransport
  ) throws(IOFailure) {
    self.deadline = deadline
    descriptor = socket.number
    self.transport = transport
    self.staysBlocking = staysBlocking
    self.address = address
    owned = consume socket
    try advance()
  }

  /// Checks the state of the attempt. After the first call this is done by calling `connect` again, which then returns
  /// the outcome: success or, of most protocols, the reason for failure.
  func advance() throws(IOFailure) {
    do {
      try takeFailure()
      try owned?.connect(to: address)
    } catch .socketIsConnected {
      // The attempt has succeeded.
    } catch .nowInProgress {
      return
    } catch .alreadyInProcess {
      return
    } catch .connectionReset where address.family == .vsock {
      // A port on which nothing listens is answered with a reset.
      throw IOFailure(.connect(address), .connectionRefused)
    } catch {
      throw IOFailure(.connect(address), error)
    }
    guard !isConnectedToItself else {
      // An orderly close would keep the port occupied for a server that is started later, and no peer needs it.
      try SocketSettings.setLinger(.zero, on: descriptor)
      throw IOFailure(.connect(address), .connectionRefused)
    }
    isConnected = true
  }

  /// Throws the reason for the failure of an attempt that has begun, where another `connect` would begin a new one
  /// instead of returning it.
  private func takeFailure() throws(Errno) {
    guard hasBegun else {
      hasBegun = true
      return
    }
    guard transport.restartsAfterFailure else { return }
    let code: Int
    do { code = try SocketOption.pendingError.value(on: descriptor) } catch { throw error.code }
    if code != 0 { throw Errno(rawValue: CInt(code)) }
  }

  /// Whether the kernel has chosen the destination port as the source port of the socket: without a listening socket,
  /// the socket then connects to itself, by the simultaneous open of RFC 9293.
  private var isConnectedToItself: Bool {
    guard case .internet(let remote, let port) = address,
      case .internet(let local, port)? = StreamSocket.localAddress(of: descriptor)
    else { return false }
    return remote.isAny || local == remote.unmapped
  }

  /// Returns the connected socket; must be called only once.
  func takeSocket(_ settings: SocketSettings, isUnfinished: Bool) throws(IOFailure) -> StreamSocket {
    guard let owned = owned.take() else { preconditionFailure("a socket is taken once") }
    if address.family == .unix, !staysBlocking {
      try attempting(.set("O_NONBLOCK")) { () throws(Errno) in try descriptor.setBlocking(false) }
    }
    let socket = StreamSocket(
      owned, over: transport, family: address.family, remote: address,
      linger: settings.linger.map { LingerTime($0) },
      isQuickAcknowledging: settings.isQuickAcknowledging)
    if isUnfinished { try socket.setCloseRule(.abort) }
    // The handshake may have returned to delayed acknowledgements.
    socket.acknowledgeAtOnce()
    return socket
  }
}

extension Descriptor {
  /// Limits the time that `connect` may block on a Unix socket: `SO_SNDTIMEO`.
  func limitBlockingSends(until deadline: Deadline) throws(IOFailure) {
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
}
