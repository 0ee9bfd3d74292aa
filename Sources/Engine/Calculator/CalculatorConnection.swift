// SPDX-License-Identifier: GPL-3.0-or-later

package import Calculator
package import Reactor
package import Sockets
import Text
package import Transport

/// A connection to the calculation service that sends the requests of an exchange and receives the responses.
///
/// It sends and receives as much as possible at a time. This prevents a deadlock with a server that does not read while
/// its responses are not received.
package final class CalculatorConnection {
  private static let pieceSize = 64 << 10

  /// The requests and responses.
  package var exchange = CalculatorExchange()

  /// The bytes that were sent.
  package private(set) var sent = 0
  /// The bytes that were received.
  package private(set) var received = 0
  /// The start of the session.
  package let start = Deadline.now

  /// The reactor that waits for the connection, and for anything else to handle meanwhile.
  package let reactor = Reactor.forFew()

  private let stream: any ByteStream
  private let watch: Watch
  private let limits: ConnectionLimits
  private var lastMove = Deadline.now
  private var isSendingOver = false

  /// Takes ownership of a connection on which no request was sent.
  ///
  /// - Throws: `ENOMEM` and similar errors.
  package init(_ stream: any ByteStream, limits: ConnectionLimits) throws(IOFailure) {
    watch = try Watch(stream.descriptor, in: reactor)
    self.stream = stream
    self.limits = limits
  }

  /// How the server has ended the stream.
  package var endOfServer: StreamEnd? { stream.end }
  /// The server's address.
  package var remote: Address { stream.remote }

  private var deadline: Deadline {
    min(limits.deadline, limits.idle.map { lastMove + $0 } ?? .never)
  }

  /// Waits until the connection is ready, another member of the reactor is ready, or the time is over.
  ///
  /// The socket is always watched for received bytes, including its end. `attend` must follow, whatever is ready.
  package func wait() throws(IOFailure) {
    try watch.watch(for: stream.interest(reading: true, writing: wantsToSend))
    try reactor.turn(until: stream.hasBufferedInput ? .now : deadline)
  }

  private var wantsToSend: Bool { !isSendingOver && !exchange.output.isEmpty }

  /// Handles the result of a wait.
  ///
  /// - Throws: A failure if the connection is lost or the time is over, or if the server violates the protocol.
  package func attend() throws(Failure) {
    let ready = watch.take()
    if stream.canRead(after: ready) || stream.hasBufferedInput { try receive() }
    if stream.canWrite(after: ready), wantsToSend { try send() }
    if limits.deadline.hasPassed {
      throw Failure(
        .timedOut, "session with \(stream.remote): not finished within the time allowed (--timeout)")
    }
    if let idle = limits.idle, deadline.hasPassed, !isDelivering {
      let limit = DurationFormat.describe(idle)
      throw Failure(
        .timedOut,
        "session with \(stream.remote): timed out after \(limit) without a byte in either direction")
    }
  }

  /// Whether the server still receives bytes sent before the idle time.
  private var isDelivering: Bool {
    if let delivery = stream.lastDelivery(at: .now) {
      lastMove = max(lastMove, delivery)
    }
    return !deadline.hasPassed
  }

  /// Sends the end of the session to the server, as far as possible without waiting.
  package func end() {
    guard exchange.output.isEmpty else { return }
    var bytes: [UInt8] = []
    CalculatorRequest.end.encode(into: &bytes)
    if case .moved(let count)? = try? stream.write(bytes.span) { sent += count }
    // Whether the server has read everything is known by its answers.
    _ = try? stream.setCloseRule(.orderly)
  }

  /// The end of the connection is not reported here: the server may have sent the reason, which is read first.
  ///
  /// - Throws: Another failure, of which the server knows nothing and after which it would be waited for in vain.
  private func send() throws(Failure) {
    do throws(IOFailure) {
      let output = exchange.output
      guard case .moved(let count) = try stream.write(output.span) else {
        return
      }
      exchange.sent(count)
      sent += count
      lastMove = .now
    } catch {
      guard error.endsConnection else { throw Failure(error) }
      isSendingOver = true
    }
  }

  private func receive() throws(Failure) {
    let transfer: Transfer
    var room = [UInt8](repeating: 0, count: Self.pieceSize)
    do throws(IOFailure) {
      var buffer = room.mutableSpan
      transfer = try stream.read(into: &buffer)
    } catch {
      throw Failure(error)
    }
    switch transfer {
    case .wouldBlock: return
    case .endOfStream:
      throw Failure(.broken, "receive from \(stream.name): the server has closed the connection")
    case .moved(let count):
      received += count
      lastMove = .now
      do {
        try exchange.receive(room.span.extracting(first: count))
      } catch {
        let advice = exchange.isAnswered ? "" : "; it may not be a calculation server"
        throw Failure(IOFailure(.receive(from: stream.name), .peerProtocol("\(error)\(advice)")))
      }
    }
  }
}
