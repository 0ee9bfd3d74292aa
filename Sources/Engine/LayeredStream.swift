// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
package import Transport

/// A stream over another one, which it passes every call on to; a subclass overrides what it changes.
package class LayeredStream: ByteStream {
  /// The stream below.
  package let transport: any ByteStream

  /// Takes over a stream.
  package init(over transport: any ByteStream) { self.transport = transport }

  // MARK: The handshake

  /// Completes the handshake of the stream below.
  package func handshake() throws(IOFailure) -> Finish { try transport.handshake() }
  /// That of the stream below.
  package func takeHandshakeWork() -> (@Sendable () -> Void)? { transport.takeHandshakeWork() }
  /// Calls a closure with the plain bytes of the handshake below.
  package func observeHandshake(_ observer: @escaping (TrafficDirection, ArraySlice<UInt8>) -> Void) {
    transport.observeHandshake(observer)
  }
  package var handshakeOperation: Operation { transport.handshakeOperation }
  package var isWorthRepeating: Bool { transport.isWorthRepeating }

  // MARK: Waiting

  package var deadline: Deadline { transport.deadline }
  package var hasBufferedInput: Bool { transport.hasBufferedInput }
  package var hasBytes: Bool { transport.hasBytes }
  package func interest(reading: Bool, writing: Bool) -> Readiness {
    transport.interest(reading: reading, writing: writing)
  }
  package func canRead(after readiness: Readiness) -> Bool { transport.canRead(after: readiness) }
  package func canWrite(after readiness: Readiness) -> Bool { transport.canWrite(after: readiness) }

  // MARK: Moving bytes

  package var medium: DescriptorKind { transport.medium }
  /// Reads from the stream below; end-of-stream is its end.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    try transport.read(into: &buffer, atMost: limit)
  }
  /// Writes to the stream below.
  package func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer {
    try transport.write(buffer, moreFollows: moreFollows)
  }
  package var hasHalfClose: Bool { transport.hasHalfClose }
  /// Ends the stream below.
  package func finish() throws(IOFailure) -> Finish { try transport.finish() }
  /// Queries the stream below.
  package func unreadBytes() throws(IOFailure) -> Int { try transport.unreadBytes() }
  /// Queries the stream below.
  package func acknowledgedBytes() -> Int? { transport.acknowledgedBytes() }
  /// Queries the stream below.
  package func unacknowledgedBytes() throws(IOFailure) -> Int { try transport.unacknowledgedBytes() }
  package func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? {
    transport.errorBehindEnd(received: received, sent: sent)
  }

  // MARK: Properties of the connection

  package var descriptor: FileDescriptor { transport.descriptor }
  package var name: String { transport.name }
  package var remote: Address { transport.remote }
  package var local: Address { transport.local }
  package var attributes: [String: String] { transport.attributes }
  package var end: StreamEnd? { transport.end }
  package var isReadWhole: Bool { transport.isReadWhole }
  package var needsWait: Bool { transport.needsWait }
  /// Passes the low-water mark on.
  package func gather(_ count: Int) { transport.gather(count) }
  package func lastDelivery(at now: Deadline) -> Deadline? { transport.lastDelivery(at: now) }
  /// Enables the detection of a vanished peer.
  package func probePeer() throws(IOFailure) { try transport.probePeer() }
  package func takeError() throws(IOFailure) -> IOFailure.Reason? { try transport.takeError() }
  package func didFail(_ reason: IOFailure.Reason) { transport.didFail(reason) }
  package var failure: IOFailure.Reason? { transport.failure }
  /// Makes closing return at once.
  package func stopLingering() throws(IOFailure) { try transport.stopLingering() }
  package func setCloseRule(_ rule: CloseRule) throws(IOFailure) -> Finish {
    try transport.setCloseRule(rule)
  }
}

extension ArraySlice<UInt8> {
  /// Moves bytes off the front into a buffer.
  ///
  /// - Returns: Their number.
  mutating func move(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) -> Int {
    let count = Swift.min(self.count, buffer.count, limit)
    for index in 0..<count { buffer[index] = self[startIndex + index] }
    self = count == self.count ? [] : dropFirst(count)
    return count
  }
}
