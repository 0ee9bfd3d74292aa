// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// The source of one direction of a relay.
package protocol ByteSource: AnyObject {
  /// The kind of the descriptor, which determines how the kernel can move bytes out of it.
  var medium: DescriptorKind { get }
  /// The descriptor to wait on until there is something to read.
  var descriptor: FileDescriptor { get }
  /// The name for messages.
  var name: String { get }

  /// Whether bytes can be read that no wait for the descriptor would report.
  var hasBufferedInput: Bool { get }
  /// Whether the rest is lost if one read does not take all, as with a message, so that each read needs room for
  /// everything.
  var isReadWhole: Bool { get }
  /// The part of a file to move, if it does not start at the descriptor's own offset; `nil` otherwise.
  var fileRange: Range<Int>? { get }
  /// Notes that the kernel has moved bytes from the start of the range.
  func skip(_ count: Int)
  /// Makes a wait last until this many bytes have arrived, or the stream has ended, if that is supported.
  func gather(_ count: Int)
  /// Reads available bytes into a buffer.
  ///
  /// - Parameter limit: The maximum number of bytes to read, if that is less than the buffer holds.
  func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer
  /// The error to report if the kernel failed to move bytes out of it.
  func readError(_ code: Errno) -> IOFailure
  /// Whether there is at least one byte to read now.
  var hasBytes: Bool { get }
  /// Handles a signal that concerns the source only, such as a new size of its terminal.
  ///
  /// - Returns: Whether the signal has been handled, so that the relay continues.
  func heeds(_ signal: CInt) -> Bool
}

extension ByteSource {
  /// Reads available bytes into a buffer, as many as it holds.
  package func read(into buffer: inout MutableSpan<UInt8>) throws(IOFailure) -> Transfer {
    try read(into: &buffer, atMost: .max)
  }
  /// Queries the descriptor.
  package var hasBytes: Bool { descriptor.hasReadableBytes }
  /// Handles no signals.
  package func heeds(_ signal: CInt) -> Bool { false }
  /// Always false.
  package var hasBufferedInput: Bool { false }
  /// Always false.
  package var isReadWhole: Bool { false }
  /// None.
  package var fileRange: Range<Int>? { nil }
  /// Does nothing: the descriptor's own offset has advanced.
  package func skip(_ count: Int) {}
  /// Leaves waits unchanged.
  package func gather(_ count: Int) {}
}

/// The result of ending a stream.
package enum Finish: Equatable, Sendable {
  /// The reader sees end-of-stream.
  case done
  /// The call must be repeated once the stream is ready for its interest.
  case wouldBlock
  /// The connection no longer exists.
  case disconnected
}

/// The sink of one direction of a relay.
package protocol ByteSink: AnyObject {
  /// The kind of the descriptor, which determines how the kernel can move bytes into it.
  var medium: DescriptorKind { get }
  /// The descriptor to wait on until something can be written.
  var descriptor: FileDescriptor { get }
  /// Whether a write could block unless a wait has just found room for it.
  var needsWait: Bool { get }

  /// Writes as much of a buffer as fits now.
  func write(_ buffer: Span<UInt8>) throws(IOFailure) -> Transfer
  /// Ends the stream in this direction, so that the reader sees end-of-stream.
  @discardableResult
  func finish() throws(IOFailure) -> Finish
  /// The error to report if the kernel failed to move bytes into it.
  func writeError(_ code: Errno) -> IOFailure
}

extension ByteSink {
  /// Writes never block.
  package var needsWait: Bool { false }
}

/// How the peer has ended a stream whose protocol has an end of its own, as TLS has.
package enum StreamEnd: String, Sendable {
  /// With the end that the protocol prescribes.
  case closeNotify = "close_notify"
  /// Without it.
  case truncated
  /// With a reset.
  case reset
}

/// The far side of a relay: a byte stream in both directions.
///
/// A plain socket is one implementation; a stream that is encrypted or framed is another, with an opaque medium.
package protocol ByteStream: ByteSource, ByteSink, AcknowledgedSink {
  /// The readiness to wait for so that bytes can be read or written; an encrypted stream may have to write in order to
  /// read.
  func interest(reading: Bool, writing: Bool) -> Readiness
  /// Whether a read should be tried after a wait for `interest`.
  func canRead(after readiness: Readiness) -> Bool
  /// Whether a write should be tried after a wait for `interest`.
  func canWrite(after readiness: Readiness) -> Bool
  /// Completes what must precede the first byte of payload, such as the handshake of TLS.
  ///
  /// - Returns: `wouldBlock` if the call must be repeated after a wait for `interest`, no later than `deadline`.
  func handshake() throws(IOFailure) -> Finish
  /// Takes the work that the handshake waits for, which takes so long that it belongs in another thread; the handshake
  /// continues with the next call after it is done.
  ///
  /// - Returns: `nil` if there is none, or if it was taken.
  func takeHandshakeWork() -> (@Sendable () -> Void)?
  /// What the handshake attempts, for the failure of one that takes too long.
  var handshakeOperation: Operation { get }
  /// Whether a handshake that has failed may succeed on another connection, after what was learned from this one.
  var isWorthRepeating: Bool { get }
  /// Sends what the kernel has deferred until the first bytes, if there are none to send yet: the handshake of TCP Fast
  /// Open.
  func completeDeferredHandshake(until deadline: Deadline) throws(IOFailure)
  /// The time at which the stream itself must act although its descriptor is not ready; `never` for none.
  var deadline: Deadline { get }
  /// Whether one side can end its direction alone. Without that, the peer's end is that of both directions, and so is an
  /// own `finish`, after which only what the peer has sent before still arrives.
  var hasHalfClose: Bool { get }
  /// The peer's address.
  var remote: Address { get }
  /// The local address of the connection.
  var local: Address { get }
  /// How the peer has ended the stream; `nil` if it has not, or if the stream has no end of its own.
  var end: StreamEnd? { get }
  /// Environment variables that describe the stream to a command.
  var attributes: [String: String] { get }
  /// Calls a closure with the plain bytes of a handshake that is still to come, which are no part of the payload.
  func observeHandshake(_ observer: @escaping (TrafficDirection, ArraySlice<UInt8>) -> Void)
  /// Writes as much of a buffer as fits now.
  ///
  /// - Parameter moreFollows: Whether the last packet may be delayed until the next write.
  func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer
  /// The number of bytes that have arrived and were not read yet.
  func unreadBytes() throws(IOFailure) -> Int
  /// The latest time at which the peer's system is known to have accepted bytes that it had not accepted at the last
  /// check; `nil` if it has accepted none since.
  func lastDelivery(at now: Deadline) -> Deadline?
  /// Turns on the detection of a silent peer that has vanished.
  func probePeer() throws(IOFailure)
  /// Notes that a call that moves bytes, in either direction, has failed.
  func didFail(_ reason: IOFailure.Reason)
  /// The first error of a call; `nil` if none has failed.
  var failure: IOFailure.Reason? { get }
  /// The error behind an end-of-stream; `nil` if the peer has ended the stream in order.
  ///
  /// - Parameters:
  ///   - received: The total number of bytes received; `nil` if they were not counted.
  ///   - sent: The total number of bytes sent, all of which must be acknowledged if the end follows our half-close;
  ///     `nil` to skip this check.
  func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason?
  /// Makes closing return at once instead of waiting for unsent bytes.
  func stopLingering() throws(IOFailure)
  /// Determines how closing ends the stream, which is a reset until the transfer has finished.
  ///
  /// - Returns: Whether the stream may be closed now: its own end, which belongs to an orderly close, may have to be
  ///   sent first.
  func setCloseRule(_ rule: CloseRule) throws(IOFailure) -> Finish
}

/// Creates a stream over another one, such as that of TLS.
package typealias StreamLayer = @Sendable (any ByteStream) -> any ByteStream

/// Creates the stream over a connection; the second argument is the number of bytes that the peer's system acknowledged
/// when the connection was opened, or `nil` to query the kernel.
package typealias StreamMaking = @Sendable (consuming StreamSocket, Int?) -> any ByteStream

extension ByteStream {
  /// TLS.
  package var handshakeOperation: Operation { .secure(with: name) }
  /// Unknown.
  package var end: StreamEnd? { nil }
  /// None.
  package var attributes: [String: String] { [:] }
  /// There are none.
  package func observeHandshake(_ observer: @escaping (TrafficDirection, ArraySlice<UInt8>) -> Void) {}
  /// Always true.
  package var hasHalfClose: Bool { true }
  /// Nothing precedes the payload.
  package func handshake() -> Finish { .done }
  /// There is none.
  package func takeHandshakeWork() -> (@Sendable () -> Void)? { nil }
  /// Always false.
  package var isWorthRepeating: Bool { false }
  /// Nothing is deferred.
  package func completeDeferredHandshake(until deadline: Deadline) {}
  /// None.
  package var deadline: Deadline { .never }
  /// The interest of a stream whose bytes are those of its descriptor.
  package func interest(reading: Bool, writing: Bool) -> Readiness {
    (reading ? Readiness.readable : Readiness()).union(writing ? .writable : Readiness())
  }
  /// Whether the descriptor can be read.
  package func canRead(after readiness: Readiness) -> Bool { readiness.allowsRead }
  /// Whether the descriptor can be written.
  package func canWrite(after readiness: Readiness) -> Bool { readiness.allowsWrite }
  /// Writes as much of a buffer as fits now.
  package func write(_ buffer: Span<UInt8>) throws(IOFailure) -> Transfer {
    try write(buffer, moreFollows: false)
  }
  /// Makes closing reset the connection. If that fails, the peer sees end-of-stream: the error that has led to the
  /// reset is the one to report.
  package func abortOnClose() { _ = try? setCloseRule(.abort) }
  /// The error behind an end-of-stream; `nil` if the peer has ended the stream in order.
  package func errorBehindEnd(received: Int?) -> IOFailure.Reason? {
    errorBehindEnd(received: received, sent: nil)
  }
  /// A failure to receive from the peer.
  package func readError(_ reason: IOFailure.Reason) -> IOFailure { IOFailure(.receive(from: name), reason) }
  /// A failure to send to the peer.
  package func writeError(_ reason: IOFailure.Reason) -> IOFailure { IOFailure(.send(to: name), reason) }
  /// A failure of the kernel to receive from the peer.
  package func readError(_ code: Errno) -> IOFailure { readError(.errno(code)) }
  /// A failure of the kernel to send to the peer.
  package func writeError(_ code: Errno) -> IOFailure { writeError(.errno(code)) }
}

extension StandardStream: ByteSource, ByteSink {
  /// Whether the stream is shared, and accepts without blocking only as much as a wait has promised.
  package var needsWait: Bool { writeLimit != .max }
  /// A failure to read the stream.
  package func readError(_ code: Errno) -> IOFailure { IOFailure(.read(name), code) }
  /// A failure to write the stream.
  package func writeError(_ code: Errno) -> IOFailure { IOFailure(.write(name), code) }
  /// Closes the stream.
  package func finish() throws(IOFailure) -> Finish {
    try close()
    return .done
  }
}
