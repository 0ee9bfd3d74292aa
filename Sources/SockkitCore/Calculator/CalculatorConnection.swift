// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// A connection to the calculation service: moves what an exchange has to say, and what it is told.
///
/// It sends and receives whatever is possible at a time, so that a server that does not read while its answers are
/// not taken never waits for a client that waits for it.
package final class CalculatorConnection {
  private static let pieceSize = 64 << 10

  /// What is asked and answered.
  package var exchange = CalculatorExchange()

  /// The bytes that were sent.
  package private(set) var sent = 0
  /// The bytes that were received.
  package private(set) var received = 0
  /// When the session began.
  package let start = Deadline.now

  private let socket: StreamSocket
  private let limits: ConnectionLimits
  private var lastMove = Deadline.now
  private var progress = DeliveryProgress()
  private var isSendingOver = false

  /// Takes over a connection on which nothing was asked.
  package init(_ socket: consuming StreamSocket, limits: ConnectionLimits) {
    self.socket = socket
    self.limits = limits
  }

  /// The server's address.
  package var remote: Address { socket.remote }

  /// When to stop waiting, and to call `attend` all the same.
  package var deadline: Deadline {
    min(limits.deadline, limits.idle.map { lastMove + $0 } ?? .never)
  }

  /// Adds the socket to what is waited for; it is always watched for what arrives, its end among that.
  package func watch(in readiness: inout PollSet) {
    readiness.add(socket.number, for: wantsToSend ? [.readable, .writable] : .readable)
  }

  private var wantsToSend: Bool { !isSendingOver && !exchange.output.isEmpty }

  /// Does what is possible after a wait.
  ///
  /// - Throws: A failure if the connection is lost or the time is over, and if the server breaks the protocol.
  package func attend(_ readiness: PollSet) throws(Failure) {
    let ready = readiness.readiness(of: socket.number)
    if ready.allowsRead { try receive() }
    if ready.allowsWrite, wantsToSend { send() }
    if limits.deadline.hasPassed {
      throw Failure(
        .timedOut, "session with \(socket.remote): not finished within the time allowed (--timeout)")
    }
    if let idle = limits.idle, deadline.hasPassed, !isDelivering {
      let limit = DurationFormat.describe(idle)
      throw Failure(
        .timedOut, "session with \(socket.remote): timed out after \(limit) without a byte either way")
    }
  }

  /// Whether the server takes what was sent before the idle time.
  private var isDelivering: Bool {
    if let delivery = progress.lastDelivery(over: socket.number, at: .now) {
      lastMove = max(lastMove, delivery)
    }
    return !deadline.hasPassed
  }

  /// Tells the server that the session is over, as far as that goes without waiting.
  package func end() {
    guard exchange.output.isEmpty else { return }
    var bytes: [UInt8] = []
    CalculatorRequest.end.encode(into: &bytes)
    if case .moved(let count)? = try? Transfer.send(to: socket.number, from: bytes.span) { sent += count }
  }

  /// A server that is gone may have said why: what it sent is read before its absence is an error.
  private func send() {
    do {
      guard case .moved(let count) = try Transfer.send(to: socket.number, from: exchange.output.span) else {
        return
      }
      exchange.sent(count)
      sent += count
      lastMove = .now
    } catch {
      isSendingOver = true
    }
  }

  private func receive() throws(Failure) {
    let transfer: Transfer
    var room = [UInt8](repeating: 0, count: Self.pieceSize)
    do {
      var buffer = room.mutableSpan
      transfer = try Transfer.receive(from: socket.number, into: &buffer)
    } catch {
      throw Failure(SystemError(.receive(from: "\(socket.remote)"), error))
    }
    switch transfer {
    case .wouldBlock: return
    case .endOfStream:
      throw Failure(.broken, "receive from \(socket.remote): the server has closed the connection")
    case .moved(let count):
      received += count
      lastMove = .now
      do {
        try exchange.receive(room.span.extracting(first: count))
      } catch {
        let advice = exchange.isAnswered ? "" : "; it seems to be no calculation server"
        throw Failure(.protocolError, "receive from \(socket.remote): \(error)\(advice)")
      }
    }
  }
}
