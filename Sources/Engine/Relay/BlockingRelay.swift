// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization
package import SystemPackage
package import Transport

/// Relays with calls that block, as a first program with sockets does: a thread reads the input and sends, and the
/// calling thread receives and writes the output.
package final class BlockingRelay: Sendable {
  private struct State {
    var sent = TransferCounters()
    /// The failure to read the input, to send on a connection that still exists, or to half-close.
    var failure: IOFailure?
    var check = EndOfStreamCheck()
  }

  private let socket: StreamSocket
  private let input: FileDescriptor
  private let state = Guarded(State())
  /// Signalled when the sending thread has ended.
  private let sendingEnd: EventCounter

  /// The number of bytes of one call.
  private static let bufferSize = 64 << 10

  /// Takes ownership of a connection in blocking mode.
  ///
  /// - Throws: `EMFILE` and similar errors.
  package init(_ socket: consuming StreamSocket, input: FileDescriptor) throws(IOFailure) {
    self.socket = socket
    self.input = input
    sendingEnd = try EventCounter()
  }

  /// Relays until the peer and the input have ended, and the peer's system has acknowledged everything. An input that is
  /// a terminal is not awaited once the peer has ended.
  ///
  /// - Throws: `EAGAIN` if the thread cannot be started; any other failure is an outcome.
  package func run(output: any ByteSink) throws(IOFailure) -> Relay.Report {
    let start = Deadline.now
    try Thread.start { [self] in
      send()
      sendingEnd.signal()
    }
    var received = TransferCounters()
    var outcome = RelayRules.Outcome.finished
    do throws(IOFailure) {
      try receive(&received, output)
      if DescriptorKind(of: input) != .terminal { try confirmSent() }
      try socket.setCloseRule(.orderly)
    } catch {
      outcome = .failed(error)
    }
    return Relay.Report(
      outcome: outcome, sent: state.withLock { $0.sent }, received: received,
      duration: start.duration(until: .now))
  }

  // MARK: Sending

  /// Sends the input to its end, and half-closes the connection.
  private func send() {
    var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
    do throws(IOFailure) {
      while let count = try read(&buffer) {
        state.withLock { $0.sent.take(count) }
        guard try sendAll(buffer[..<count]) else { return }
      }
      try state.withLock { (state) throws(IOFailure) in
        state.sent.end()
        try socket.shutdownSending()
        state.check.didHalfClose()
      }
    } catch {
      state.withLock { $0.failure = error }
      // Ends the receiving thread's wait, too.
      socket.abort()
    }
  }

  /// - Returns: The number of bytes read; `nil` at the end of the input.
  private func read(_ buffer: inout [UInt8]) throws(IOFailure) -> Int? {
    while true {
      var space = buffer.mutableSpan
      do throws(Errno) {
        switch try Transfer.read(from: input, into: &space) {
        case .moved(let count): return count
        case .endOfStream: return nil
        case .wouldBlock: break
        }
      } catch {
        throw IOFailure(.read("standard input"), error)
      }
      // Another program may have put the stream that it shares with us into non-blocking mode.
      try input.wait(for: .readable, until: .never)
    }
  }

  /// - Returns: Whether the connection has accepted all bytes; `false` if it is gone, and only what has arrived is left to
  ///   receive.
  /// - Throws: An error that leaves the connection as it is, which the peer would wait on.
  private func sendAll(_ bytes: ArraySlice<UInt8>) throws(IOFailure) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      do throws(Errno) {
        guard case .moved(let count) = try Transfer.send(to: socket.descriptor, from: rest.span, blocks: true)
        else { continue }
        rest = rest.dropFirst(count)
        state.withLock { $0.sent.pass(count) }
      } catch {
        let failure = IOFailure(.send(to: "\(socket.remote)"), error)
        guard failure.endsConnection else { throw failure }
        state.withLock { state in
          state.sent.fail(failure)
          state.check.note(error)
        }
        return false
      }
    }
    return true
  }

  // MARK: Receiving

  /// Receives until the peer has ended, and writes what comes.
  private func receive(_ received: inout TransferCounters, _ output: any ByteSink) throws(IOFailure) {
    var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
    while let count = try receive(into: &buffer) {
      received.take(count)
      try write(buffer[..<count], to: output)
      received.pass(count)
    }
    received.end()
    let (failure, hidden) = state.withLock { state in
      (state.failure, state.check.errorBehindEnd(of: socket.descriptor, received: received.taken))
    }
    if let failure { throw failure }
    if let hidden { throw receiveFailure(hidden) }
  }

  /// - Returns: The number of bytes received; `nil` at the end of the stream.
  private func receive(into buffer: inout [UInt8]) throws(IOFailure) -> Int? {
    while true {
      var space = buffer.mutableSpan
      do throws(Errno) {
        switch try Transfer.receive(from: socket.descriptor, into: &space, blocks: true) {
        case .moved(let count):
          socket.acknowledgeAtOnce()
          return count
        case .endOfStream: return nil
        case .wouldBlock: continue
        }
      } catch {
        throw state.withLock { $0.failure } ?? receiveFailure(error)
      }
    }
  }

  private func receiveFailure(_ code: Errno) -> IOFailure {
    IOFailure(.receive(from: "\(socket.remote)"), code)
  }

  private func write(_ bytes: ArraySlice<UInt8>, to output: any ByteSink) throws(IOFailure) {
    var rest = bytes
    while !rest.isEmpty {
      if output.needsWait { try output.descriptor.wait(for: .writable, until: .never) }
      switch try output.write(rest.span) {
      case .moved(let count): rest = rest.dropFirst(count)
      case .wouldBlock, .endOfStream: try output.descriptor.wait(for: .writable, until: .never)
      }
    }
  }

  // MARK: The end

  /// Waits until the input has ended and the peer's system has acknowledged all bytes.
  private func confirmSent() throws(IOFailure) {
    try sendingEnd.descriptor.wait(for: .readable, until: .never)
    let (sent, failure) = state.withLock { ($0.sent, $0.failure) }
    if let failure = failure ?? sent.failure { throw failure }
    var check = DeliveryCheck()
    while try !check.isDelivered(over: Sent(relay: self), payloadEnd: nil, allowance: 1, at: .now) {
      check.next.sleep()
    }
  }

  /// The bytes that were sent, of which the acknowledged ones are not counted.
  private struct Sent: AcknowledgedSink {
    let relay: BlockingRelay

    func unacknowledgedBytes() throws(IOFailure) -> Int { try relay.socket.unacknowledgedBytes() }
    func acknowledgedBytes() -> Int? { nil }
    func takeError() throws(IOFailure) -> IOFailure.Reason? {
      try relay.socket.takeError().map { .errno($0) }
    }
    func writeError(_ reason: IOFailure.Reason) -> IOFailure {
      IOFailure(.send(to: "\(relay.socket.remote)"), reason)
    }
  }
}
