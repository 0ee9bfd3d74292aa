// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Transport

/// A connection without a half-close, as SCTP has, which may take no bytes.
final class WholeStream: ByteStream {
  private let socket: SocketStream
  private let takesBytes: Bool

  init(_ socket: consuming StreamSocket, takesBytes: Bool) {
    self.socket = SocketStream(socket)
    self.takesBytes = takesBytes
  }

  var hasHalfClose: Bool { false }
  var medium: DescriptorKind { .opaque }
  var descriptor: FileDescriptor { socket.descriptor }
  var name: String { socket.name }
  var remote: Address { socket.remote }
  var local: Address { socket.local }
  var failure: IOFailure.Reason? { socket.failure }

  func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    try socket.read(into: &buffer, atMost: limit)
  }
  func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer {
    takesBytes ? try socket.write(buffer, moreFollows: moreFollows) : .wouldBlock
  }
  func finish() throws(IOFailure) -> Finish { try socket.finish() }
  func unreadBytes() throws(IOFailure) -> Int { try socket.unreadBytes() }
  func acknowledgedBytes() -> Int? { socket.acknowledgedBytes() }
  func unacknowledgedBytes() throws(IOFailure) -> Int { try socket.unacknowledgedBytes() }
  func takeError() throws(IOFailure) -> IOFailure.Reason? { try socket.takeError() }
  func didFail(_ reason: IOFailure.Reason) { socket.didFail(reason) }
  func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? {
    socket.errorBehindEnd(received: received, sent: sent)
  }
  func lastDelivery(at now: Deadline) -> Deadline? { socket.lastDelivery(at: now) }
  func probePeer() throws(IOFailure) { try socket.probePeer() }
  func stopLingering() throws(IOFailure) { try socket.stopLingering() }
  func setCloseRule(_ rule: CloseRule) throws(IOFailure) -> Finish { try socket.setCloseRule(rule) }
}
