// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The limit of the size of one buffer, in bytes.
package struct BufferLimit: Equatable, Sendable {
  /// The maximum that `setsockopt` accepts, which the kernel doubles like any other size.
  package let maximum: Int
  /// Whether the kernel's parameter could not be read, so that the maximum was determined by requesting too much.
  package let isProbed: Bool
  /// The maximum of TCP's automatic sizing, if no size is requested; `nil` for other transports, or if it cannot be
  /// read.
  package let tuningMaximum: Int?

  /// Creates a limit.
  package init(maximum: Int, isProbed: Bool = false, tuningMaximum: Int? = nil) {
    self.maximum = maximum
    self.isProbed = isProbed
    self.tuningMaximum = tuningMaximum
  }

  /// Reads the limit of one side from the kernel's parameters.
  package init(of side: BufferSide, for transport: LoopbackTransport) throws(IOFailure) {
    let known = side.maximum.numbers?.first
    maximum = if let known { known } else { try Self.probe(side, transport) }
    isProbed = known == nil
    tuningMaximum = transport == .tcp ? side.tuning.numbers?.last : nil
  }

  /// Requests more than the maximum: the kernel cuts the size to the maximum before it doubles it.
  private static func probe(_ side: BufferSide, _ transport: LoopbackTransport) throws(IOFailure) -> Int {
    let socket = try transport.freshSocket()
    try side.option.set(Int(Int32.max), on: socket.number)
    return try side.option.value(on: socket.number) / 2
  }
}
