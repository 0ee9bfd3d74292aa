// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Transport

/// The socket that sends datagrams.
///
/// Of several addresses of a host it uses the first one that does not refuse the first datagram at once, as an address
/// of this machine does if no socket is bound to the port.
final class DatagramRoute {
  private let addresses: [Address]
  private var untried: [Address]
  private var connection: DatagramConnection?
  private let association: DatagramAssociation?
  private var watch: Watch?
  /// The watch of the connection to the proxy.
  private var proxyWatch: Watch?
  private let makeSocket: DatagramSender.Opening
  private let makeSession: ((Address) -> any DatagramSession)?
  private let report: (DatagramSendingEvent) -> Void

  /// - Parameters:
  ///   - addresses: At least one; only that of the relay with an association.
  ///   - association: The association with a proxy that relays the datagrams; `nil` for none.
  ///   - makeSession: Creates the session that protects the datagrams; `nil` for plain ones.
  init(
    to addresses: [Address], through association: DatagramAssociation?,
    opening makeSocket: @escaping DatagramSender.Opening,
    protecting makeSession: ((Address) -> any DatagramSession)?,
    report: @escaping (DatagramSendingEvent) -> Void
  ) {
    self.addresses = addresses
    untried = addresses
    self.association = association
    self.makeSocket = makeSocket
    self.makeSession = makeSession
    self.report = report
  }

  /// Opens the socket, unless it is open, to the first remaining address that can be sent to.
  func open() throws(IOFailure) {
    if connection == nil, untried.isEmpty { untried = addresses }
    while connection == nil {
      let address = untried.removeFirst()
      do throws(IOFailure) {
        connection = try DatagramConnection(
          makeSocket(address), through: association, protectedBy: makeSession?(address))
        // A peer that has completed a handshake receives.
        if makeSession != nil { choose() }
      } catch {
        if untried.isEmpty || !error.isAboutPeer { throw error }
        report(.attemptFailed(error))
      }
    }
  }

  /// Whether there are addresses that have not been tried.
  var hasAlternatives: Bool { !untried.isEmpty }

  /// Keeps the address of the open socket.
  func choose() { untried = [] }

  /// Gives the address up for the next one, if there is one and the error concerns the address.
  func giveUp(because error: IOFailure) -> Bool {
    guard hasAlternatives, error.isAboutPeer else { return false }
    report(.attemptFailed(error))
    close()
    return true
  }

  /// Makes the next datagram choose its address again, like the first one.
  ///
  /// Over IP the socket to a single address is kept, with its port; a Unix socket has lost its peer, and a protected one
  /// its session.
  func restart() {
    guard addresses.count > 1 || addresses[0].family == .unix || makeSession != nil else { return }
    close()
    untried = addresses
  }

  /// Before another socket is opened, which may need the same port.
  private func close() {
    watch = nil
    connection = nil
  }

  /// Watches the socket, if it is open, until it is closed, and the connection to the proxy, if there is one.
  ///
  /// - Throws: `ENOMEM` and similar errors.
  func watch(for interest: Readiness, in reactor: Reactor) throws(IOFailure) {
    if let association, proxyWatch == nil {
      proxyWatch = try Watch(association.descriptor, for: association.interest, in: reactor)
    }
    guard let connection else { return }
    if let watch { return try watch.watch(for: interest) }
    watch = try Watch(connection.descriptor, for: interest, in: reactor)
  }

  /// Returns what the socket was ready for in the turns since the last call.
  ///
  /// - Throws: That the proxy has ended the association.
  func takeReadiness() throws(IOFailure) -> Readiness {
    if let association, let proxyWatch, !proxyWatch.take().isEmpty { try association.check() }
    return watch?.take() ?? []
  }

  /// Waits until the socket is ready, or the deadline has passed.
  ///
  /// - Returns: What it is ready for, empty if the deadline has passed; `nil` if no socket is open.
  /// - Throws: Also that the proxy has ended the association.
  func wait(for interest: Readiness, until deadline: Deadline) throws(IOFailure) -> Readiness? {
    guard let connection else { return nil }
    return try connection.wait(for: interest, until: deadline)
  }

  /// How long the association with the proxy outlasts the last datagram; `nil` without one.
  ///
  /// A proxy that learns of the end before it has received everything may drop the rest.
  var linger: Duration? { association == nil ? nil : .milliseconds(100) }

  /// The destination address, that of the relay with a proxy.
  var remote: Address { connection?.remote ?? addresses[0] }

  /// The receiver of the datagrams for messages.
  var receiver: String { association.map { "\($0.target)" } ?? "\(remote)" }

  /// Whether datagrams have to be received even if no replies are awaited.
  var mustReceive: Bool { connection?.mustReceive ?? false }

  /// Ends the session that protects the datagrams.
  func end() { connection?.end() }

  /// Sends datagrams of a batch.
  ///
  /// - Returns: The number of datagrams sent; 0 means that the call would block.
  func send(_ batch: DatagramBatch, from first: Int, count: Int) throws(IOFailure) -> Int {
    try connection?.send(batch, from: first, count: count) ?? 0
  }

  /// Receives the available datagrams, at most `limit`.
  ///
  /// - Returns: Whether any were received.
  func receive(into batch: DatagramBatch, limit: Int) throws(IOFailure) -> Bool {
    try connection?.receive(into: batch, limit: limit) ?? false
  }

  /// Whether a datagram from an address is a reply.
  func isReply(from source: Address) -> Bool { connection?.isReply(from: source) ?? false }

  /// Takes the next reported error; `nil` if there is none.
  func nextError() throws(IOFailure) -> IOFailure? {
    guard let error = try connection?.nextError() else { return nil }
    return error
  }
}

extension IOFailure {
  /// Whether the error concerns the peer or the path to it, so that another address may work.
  fileprivate var isAboutPeer: Bool { ExitStatus(self) == .unavailable || code == .timedOut }

  /// Whether a later datagram may be accepted although the kernel did not accept one for this reason: the peer is
  /// unavailable, a packet filter rejects it (`EPERM`), or a device fails. An error of the address or the message is
  /// permanent.
  var isTransient: Bool {
    guard case .sendDatagram = operation else { return false }
    return ![.permissionDenied, .messageTooLong, .fileNameTooLong, .invalidArgument].contains(code)
  }
}
