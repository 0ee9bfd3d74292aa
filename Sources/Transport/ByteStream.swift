// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// Where one direction of a relay takes its bytes.
package protocol ByteSource: AnyObject {
  /// What moving bytes out of it by the kernel depends on.
  var medium: DescriptorKind { get }
  /// What to wait on until there is something to read.
  var number: FileDescriptor { get }
  /// What to call it in messages.
  var name: String { get }

  /// Whether bytes can be read that no wait for the descriptor would report.
  var hasBufferedInput: Bool { get }
  /// Whether what one read leaves is lost, as of a message, so that each has to have room for all there is.
  var isReadWhole: Bool { get }
  /// What of a file is to be moved, where that is not from the descriptor's own offset on; `nil` otherwise.
  var fileRange: Range<Int>? { get }
  /// The kernel has moved bytes from the beginning of the range.
  func skip(_ count: Int)
  /// Makes a wait last until this many bytes are there, or the stream has ended, where that can be had.
  func gather(_ count: Int)
  /// Reads what is there into a buffer.
  ///
  /// - Parameter limit: How much to read at most, where that is less than there is room for.
  func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(SystemError) -> Transfer
  /// The error to report when the kernel failed to move bytes out of it.
  func readError(_ code: Errno) -> SystemError
  /// Whether there is at least one byte to read now.
  var hasBytes: Bool { get }
  /// Sees to a signal that is about the source alone, such as another size of its terminal.
  ///
  /// - Returns: Whether that is all there is to do, and the relay goes on.
  func heeds(_ signal: CInt) -> Bool
}

extension ByteSource {
  /// Reads what is there into a buffer, as much as there is room for.
  package func read(into buffer: inout MutableSpan<UInt8>) throws(SystemError) -> Transfer {
    try read(into: &buffer, atMost: .max)
  }
  /// Asks the descriptor.
  package var hasBytes: Bool { number.hasReadableBytes }
  /// Knows of no such signal.
  package func heeds(_ signal: CInt) -> Bool { false }
  /// Never.
  package var hasBufferedInput: Bool { false }
  /// It is not.
  package var isReadWhole: Bool { false }
  /// None.
  package var fileRange: Range<Int>? { nil }
  /// The descriptor's own offset has moved along.
  package func skip(_ count: Int) {}
  /// Leaves waits as they are.
  package func gather(_ count: Int) {}
}

/// What came of ending a stream.
package enum Finish: Equatable, Sendable {
  /// The reader sees the end.
  case done
  /// It has to be tried again, once the stream is ready for what it asks for.
  case wouldBlock
  /// There is no connection any more that could end.
  case disconnected
}

/// Where one direction of a relay puts its bytes.
package protocol ByteSink: AnyObject {
  /// What moving bytes into it by the kernel depends on.
  var medium: DescriptorKind { get }
  /// What to wait on until something can be written.
  var number: FileDescriptor { get }
  /// Whether a write could block unless a wait has just found room for it.
  var needsWait: Bool { get }

  /// Writes as much of a buffer as fits now.
  func write(_ buffer: Span<UInt8>) throws(SystemError) -> Transfer
  /// Ends the stream in this direction, so that the reader sees its end.
  @discardableResult
  func finish() throws(SystemError) -> Finish
  /// The error to report when the kernel failed to move bytes into it.
  func writeError(_ code: Errno) -> SystemError
}

extension ByteSink {
  /// Writes never block.
  package var needsWait: Bool { false }
}

/// The far side of a relay: a byte stream in both directions.
///
/// A plain socket is one; what needs its bytes encrypted or framed is another, with an opaque medium.
package protocol ByteStream: ByteSource, ByteSink {
  /// What to wait for so that bytes can be read or written; a stream that is encrypted may have to write in order to read.
  func interest(reading: Bool, writing: Bool) -> Readiness
  /// Whether a read is worth trying after a wait for what `interest` said.
  func canRead(after readiness: Readiness) -> Bool
  /// Whether a write is worth trying after a wait for what `interest` said.
  func canWrite(after readiness: Readiness) -> Bool
  /// The peer's address.
  var remote: Address { get }
  /// Writes as much of a buffer as fits now.
  ///
  /// - Parameter moreFollows: Whether the last packet may wait for what is written next.
  func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(SystemError) -> Transfer
  /// What has arrived and was not read yet, in bytes.
  func unreadBytes() throws(SystemError) -> Int
  /// What was sent but not yet confirmed by the peer's system, in bytes; 0 once the connection is reset.
  func unacknowledgedBytes() throws(SystemError) -> Int
  /// What the peer's system has confirmed of all that was sent, in bytes, also after a reset; `nil` where that is
  /// not counted.
  func acknowledgedBytes() -> Int?
  /// The last moment at which the peer's system took bytes that it had not taken at the last look; `nil` if it has taken
  /// none since.
  func lastDelivery(at now: Deadline) -> Deadline?
  /// Turns on whatever finds out that a silent peer is gone.
  func probePeer() throws(SystemError)
  /// The error of the connection: one that a call has reported before, or that a wait reported.
  func takeError() throws(SystemError) -> Errno?
  /// A call that moves bytes, in either direction, has failed on it.
  func didFail(_ code: Errno)
  /// The first error with which a call has failed on it; `nil` if none has.
  var failure: Errno? { get }
  /// The error in whose place an end of stream was read; `nil` if the peer has ended the stream in order.
  ///
  /// - Parameters:
  ///   - received: How many bytes were received altogether; `nil` if that was not counted.
  ///   - sent: How many bytes were sent altogether, of which all have to be confirmed where the end follows our own;
  ///     `nil` if that is not to be asked.
  func errorBehindEnd(received: Int?, sent: Int?) -> Errno?
  /// Makes closing reset the connection, so that the peer does not take it for an end.
  func resetOnClose() throws(SystemError)
  /// Makes closing end the stream in order: it is done.
  @discardableResult
  func allowOrderlyClose() throws(SystemError) -> Finish
}

/// Makes the stream over a connection, with what its peer's system has acknowledged of the connection's opening, in bytes.
package typealias StreamMaking = @Sendable (consuming StreamSocket, Int) -> any ByteStream

extension ByteStream {
  /// That of a stream whose bytes are those of its descriptor.
  package func interest(reading: Bool, writing: Bool) -> Readiness {
    (reading ? Readiness.readable : Readiness()).union(writing ? .writable : Readiness())
  }
  /// Whether the descriptor can be read.
  package func canRead(after readiness: Readiness) -> Bool { readiness.allowsRead }
  /// Whether the descriptor can be written.
  package func canWrite(after readiness: Readiness) -> Bool { readiness.allowsWrite }
  /// Writes as much of a buffer as fits now.
  package func write(_ buffer: Span<UInt8>) throws(SystemError) -> Transfer {
    try write(buffer, moreFollows: false)
  }
  /// The error in whose place an end of stream was read; `nil` if the peer has ended the stream in order.
  package func errorBehindEnd(received: Int?) -> Errno? { errorBehindEnd(received: received, sent: nil) }
}

extension StandardStream: ByteSource, ByteSink {
  /// Whether it is shared, and takes without blocking no more than a wait has promised.
  package var needsWait: Bool { writeLimit != .max }
  /// A failure to read the stream.
  package func readError(_ code: Errno) -> SystemError { SystemError(.read(name), code) }
  /// A failure to write the stream.
  package func writeError(_ code: Errno) -> SystemError { SystemError(.write(name), code) }
  /// Closes the stream.
  package func finish() throws(SystemError) -> Finish {
    try close()
    return .done
  }
}
