// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// The socket that datagrams are sent by.
///
/// Of several addresses of a host the first is used that does not refuse the first datagram at once, as one of this
/// machine does where nothing receives.
final class DatagramRoute {
  private let addresses: [Address]
  private var untried: [Address]
  private var socket: DatagramSocket?
  private var watch: Watch?
  private let makeSocket: DatagramSender.Opening
  private let report: (DatagramSendingEvent) -> Void

  /// - Parameter addresses: At least one.
  init(
    to addresses: [Address], opening makeSocket: @escaping DatagramSender.Opening,
    report: @escaping (DatagramSendingEvent) -> Void
  ) {
    self.addresses = addresses
    untried = addresses
    self.makeSocket = makeSocket
    self.report = report
  }

  /// Opens the socket, unless it is open, to the first of the addresses left that can be sent to.
  func open() throws(SystemError) {
    if socket == nil, untried.isEmpty { untried = addresses }
    while socket == nil {
      let address = untried.removeFirst()
      do { socket = try makeSocket(address) } catch {
        if untried.isEmpty || !error.isAboutPeer { throw error }
        report(.attemptFailed(error))
      }
    }
  }

  /// Whether there are further addresses that have not been tried.
  var hasAlternatives: Bool { !untried.isEmpty }

  /// Stays with the address that is open.
  func choose() { untried = [] }

  /// Gives the address up for the next one, if there is one and the error is about the address.
  func giveUp(because error: SystemError) -> Bool {
    guard hasAlternatives, error.isAboutPeer else { return false }
    report(.attemptFailed(error))
    close()
    return true
  }

  /// Has the next datagram find its way as the first one did.
  ///
  /// Over IP the socket to a single address stays as it is, with its port; a Unix socket has lost its peer.
  func restart() {
    guard addresses.count > 1 || addresses[0].family == .unix else { return }
    close()
    untried = addresses
  }

  /// Before another one is opened, which may ask for the same port.
  private func close() {
    watch = nil
    socket = nil
  }

  /// Watches the socket, if one is open, until it is closed.
  ///
  /// - Throws: `ENOMEM` and its like.
  func watch(for interest: Readiness, in reactor: Reactor) throws(SystemError) {
    guard let number else { return }
    if let watch { return try watch.watch(for: interest) }
    watch = try Watch(number, for: interest, in: reactor)
  }

  /// What the socket was ready for in the turns since this was last asked.
  func takeReadiness() -> Readiness { watch?.take() ?? [] }

  /// The descriptor to wait on, if there is one.
  var number: FileDescriptor? { socket?.number }

  /// The address that is sent to.
  var remote: Address { socket?.remote ?? addresses[0] }

  /// Sends datagrams of a batch.
  ///
  /// - Returns: How many were sent; 0 means that the call would block.
  func send(_ batch: DatagramBatch, from first: Int, count: Int) throws(SystemError) -> Int {
    try socket?.send(batch, from: first, count: count) ?? 0
  }

  /// Receives what waits, at most `limit` datagrams.
  ///
  /// - Returns: Whether any came.
  func receive(into batch: DatagramBatch, limit: Int) throws(SystemError) -> Bool {
    try socket?.receive(into: batch, limit: limit) ?? false
  }

  /// Whether a datagram from an address is a reply.
  func isReply(from source: Address) -> Bool { socket?.isReply(from: source) ?? false }

  /// Takes the next of the errors that came back; `nil` if there is none.
  func nextError() throws(SystemError) -> SystemError? {
    guard let error = try socket?.nextError() else { return nil }
    return error
  }
}

extension SystemError {
  /// Whether the peer, or the way to it, is what is wrong, so that another address may do.
  fileprivate var isAboutPeer: Bool { ExitStatus(self) == .unavailable }

  /// Whether a datagram after the one that the kernel did not take for this reason may be taken: the peer is away, a
  /// packet filter is in the way (`EPERM`), a device fails. What is wrong with the address or the message stays so.
  var isTransient: Bool {
    guard case .sendDatagram = operation else { return false }
    return ![.permissionDenied, .messageTooLong, .fileNameTooLong, .invalidArgument].contains(code)
  }
}
