// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The size of one buffer in an experiment, in bytes as `getsockopt` reports them.
package struct BufferSize: Equatable, Sendable {
  /// The kernel's response to a request.
  package enum Answer: Equatable, Sendable {
    /// No size was requested.
    case none
    /// The size was doubled, for the kernel's own bookkeeping.
    case doubled
    /// The size was cut to the maximum, and doubled.
    case cut
    /// The size was raised to the minimum.
    case raised
  }

  /// The side of the buffer.
  package let side: BufferSide
  /// The size requested with `setsockopt`; `nil` leaves it to the kernel.
  package private(set) var requested: Int?
  /// The size of a new socket's buffer.
  package let initial: Int
  /// The size when the first byte is written.
  package private(set) var effective: Int
  /// The size once the kernel accepts no more.
  package private(set) var effectiveAfter: Int
  /// The limit of its size.
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

  /// Reads the size of a new socket of a transport, and the system's limits.
  init(ofFresh side: BufferSide, _ transport: LoopbackTransport) throws(IOFailure) {
    let limit = try BufferLimit(of: side, for: transport)
    let socket = try transport.freshSocket()
    let size = try side.option.value(on: socket.number)
    self.init(side, requested: nil, initial: size, effective: size, effectiveAfter: size, limit: limit)
  }

  /// The same buffer on a socket for which a size may have been requested, before anything is written to it.
  func asked(for request: Int?, on socket: FileDescriptor) throws(IOFailure) -> BufferSize {
    var copy = self
    copy.requested = request
    copy.effective = try side.option.value(on: socket)
    copy.effectiveAfter = copy.effective
    return copy
  }

  /// The same buffer with its current size.
  func measuredAgain(on socket: FileDescriptor) throws(IOFailure) -> BufferSize {
    var copy = self
    copy.effectiveAfter = try side.option.value(on: socket)
    return copy
  }

  /// The kernel's response to the request.
  package var answer: Answer {
    guard let requested else { return .none }
    if effective == requested * 2 { return .doubled }
    return effective < requested * 2 ? .cut : .raised
  }
}

/// The sizes that a sweep requests.
package enum BufferSweep {
  /// The first size, in bytes.
  package static let smallest = 4096

  /// The smallest size doubled up to the maximum, which is the last one.
  package static func sizes(upTo maximum: Int) -> [Int] {
    var sizes: [Int] = []
    var size = smallest
    while size < maximum {
      sizes.append(size)
      size *= 2
    }
    return sizes + [maximum]
  }
}
