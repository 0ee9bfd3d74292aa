// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage
import Text

/// Measures how much the kernel buffers between a writer and a reader that does not read.
package struct BufferExperiment: Sendable {
  /// The transport.
  package let transport: LoopbackTransport
  /// The requested sizes; no other setting is used.
  package var settings = SocketSettings()
  private let freshSend: BufferSize
  private let freshReceive: BufferSize

  /// The time for one run, which takes a fraction of a second unless the system is overloaded.
  private static let patience = Duration.seconds(10)

  /// Prepares an experiment without requested sizes: reads the defaults and the system's limits.
  package init(over transport: LoopbackTransport) throws(IOFailure) {
    self.transport = transport
    freshSend = try BufferSize(ofFresh: .send, transport)
    freshReceive = try BufferSize(ofFresh: .receive, transport)
  }

  /// The largest size that can be requested for either side, in bytes.
  package var maximum: Int { max(freshSend.limit.maximum, freshReceive.limit.maximum) }

  /// Writes until the kernel accepts no more or, for datagrams, until it drops some.
  package func run() throws(Failure) -> BufferMeasurement {
    let deadline = Deadline.after(Self.patience)
    do {
      if transport == .udp { return try flood(until: deadline) }
      let pair = try StreamPair.connect(over: transport, settings: settings, until: deadline)
      return try fill(pair, until: deadline)
    } catch let error as Failure {
      throw error
    } catch let error as IOFailure {
      guard error.code == .timedOut else { throw Failure(error) }
      throw Failure(.timedOut, "\(error.operation): no end after \(DurationFormat.describe(Self.patience))")
    } catch {
      fatalError("nothing here throws \(error)")
    }
  }

  private func fill(
    _ pair: borrowing StreamPair, until deadline: Deadline
  ) throws(IOFailure) -> BufferMeasurement {
    let (sender, receiver) = (pair.sender.descriptor, pair.receiver.descriptor)
    let (send, receive) = (try sendBuffer(of: sender), try receiveBuffer(of: receiver))
    let filling = try StreamFilling(of: pair.sender, until: deadline)
    return BufferMeasurement(
      transport: transport, sendBuffer: try send.measuredAgain(on: sender),
      receiveBuffer: try receive.measuredAgain(on: receiver), bytesTaken: filling.bytes,
      writes: filling.writes, bytesInSender: try pair.sender.unacknowledgedBytes(),
      bytesInReceiver: try pair.receiver.unreadBytes())
  }

  private func flood(until deadline: Deadline) throws(IOFailure) -> BufferMeasurement {
    let pair = try DatagramPair(settings: settings)
    let (sender, receiver) = (pair.sender, pair.receiver)
    let (send, receive) = (try sendBuffer(of: sender), try receiveBuffer(of: receiver))
    let flood = try DatagramFlood(through: pair, until: deadline)
    return BufferMeasurement(
      transport: transport, sendBuffer: try send.measuredAgain(on: sender),
      receiveBuffer: try receive.measuredAgain(on: receiver), bytesTaken: flood.sent * DatagramFlood.size,
      writes: flood.sent, bytesInSender: try pair.unsentBytes(),
      bytesInReceiver: flood.kept * DatagramFlood.size,
      datagrams: .init(sent: flood.sent, kept: flood.kept, dropped: flood.dropped))
  }

  private func sendBuffer(of socket: FileDescriptor) throws(IOFailure) -> BufferSize {
    try freshSend.asked(for: settings.sendBuffer, on: socket)
  }

  private func receiveBuffer(of socket: FileDescriptor) throws(IOFailure) -> BufferSize {
    try freshReceive.asked(for: settings.receiveBuffer, on: socket)
  }
}
