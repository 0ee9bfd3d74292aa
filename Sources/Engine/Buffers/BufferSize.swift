// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The size of one buffer in an experiment, in bytes as `getsockopt` tells them.
package struct BufferSize: Equatable, Sendable {
  /// What the kernel made of a request.
  package enum Answer: Equatable, Sendable {
    /// Nothing was asked for.
    case none
    /// It doubled the size, to have room for its own bookkeeping.
    case doubled
    /// It cut the size to the maximum, and doubled that.
    case cut
    /// It gave the least there is, which is more.
    case raised
  }

  /// Which buffer it is.
  package let side: BufferSide
  /// What was asked for with `setsockopt`; `nil` leaves it to the kernel.
  package private(set) var requested: Int?
  /// What a fresh socket has.
  package let initial: Int
  /// What the socket has when the first byte is written.
  package private(set) var effective: Int
  /// What it has once the kernel takes no more.
  package private(set) var effectiveAfter: Int
  /// How large it could become.
  package let limit: BufferLimit

  /// Describes a buffer.
  package init(
    _ side: BufferSide, requested: Int?, initial: Int, effective: Int, effectiveAfter: Int, limit: BufferLimit
  ) {
    self.side = side
    self.requested = requested
    self.initial = initial
    self.effective = effective
    self.effectiveAfter = effectiveAfter
    self.limit = limit
  }

  /// Looks at a fresh socket of a transport and at the system's limits.
  init(ofFresh side: BufferSide, _ transport: LoopbackTransport) throws(SystemError) {
    let limit = try BufferLimit(of: side, for: transport)
    let socket = try transport.freshSocket()
    let size = try side.option.value(on: socket.number)
    self.init(side, requested: nil, initial: size, effective: size, effectiveAfter: size, limit: limit)
  }

  /// The same buffer of a socket for which a size was asked, or none, and into which nothing was written yet.
  func asked(for request: Int?, on socket: FileDescriptor) throws(SystemError) -> BufferSize {
    var copy = self
    copy.requested = request
    copy.effective = try side.option.value(on: socket)
    copy.effectiveAfter = copy.effective
    return copy
  }

  /// The same buffer with the size that it has now.
  func measuredAgain(on socket: FileDescriptor) throws(SystemError) -> BufferSize {
    var copy = self
    copy.effectiveAfter = try side.option.value(on: socket)
    return copy
  }

  /// What the kernel made of the request.
  package var answer: Answer {
    guard let requested else { return .none }
    if effective == requested * 2 { return .doubled }
    return effective < requested * 2 ? .cut : .raised
  }
}
