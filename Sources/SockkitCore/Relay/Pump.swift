// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// A way of moving bytes from a source to a sink.
protocol Pump {
  /// Whether bytes pass in one step, so that a move needs source and sink ready at once and nothing is held.
  var isDirect: Bool { get }
  /// Whether more can be taken from the source.
  var hasRoom: Bool { get }

  /// What its moves came to, where filters make that another number than they moved; `nil` where they do not.
  var filteredCount: PumpCount? { get }
  /// Until when what is held is kept back, if it is.
  var pauseEnd: Deadline? { get }

  /// Takes bytes from the source; a direct pump passes them on too, and then no more than a limit.
  mutating func fill(atMost limit: Int) throws(PumpFailure) -> Transfer
  /// Passes held bytes on, no more than a limit.
  mutating func drain(atMost limit: Int) throws(PumpFailure) -> Transfer
  /// The pump to go on with, with the bytes held here, when the kernel does not support this one.
  func fallback() throws(SystemError) -> any Pump
}

extension Pump {
  /// Nothing else than it moved.
  var filteredCount: PumpCount? { nil }
  /// Never.
  var pauseEnd: Deadline? { nil }
}

/// What the moves of a pump with filters came to, from the beginning on.
struct PumpCount: Equatable {
  /// Payload that was taken from the source.
  var taken = 0
  /// Payload that the sink has accepted.
  var passed = 0
  /// Bytes that are still to be passed on and belong to no payload.
  var owed = 0
  /// All that the sink has accepted.
  var accepted = 0
  /// All that the sink had accepted when it accepted the last payload.
  var payloadEnd = 0
}

/// Why a pump stopped.
enum PumpFailure: Error {
  /// The source failed.
  case source(SystemError)
  /// The sink failed.
  case sink(SystemError)
  /// What moved could not be recorded.
  case recording(SystemError)
  /// The kernel cannot connect these two in this way, or not any more; no byte is lost.
  case unsupported
}

extension ByteSource {
  /// Whether `splice` cannot go on though it says that it only has to wait, or that the stream has ended.
  func isStuck(after transfer: Transfer) -> Bool {
    if case .moved = transfer { return false }
    return medium == .socket && Transfer.isBeforeUrgentData(in: number)
  }
}

/// Which end of a lane failed.
enum LaneFailure: Error {
  /// The source failed.
  case source(SystemError)
  /// The sink failed.
  case sink(SystemError)
  /// What moved could not be recorded.
  case recording(SystemError)
}

extension Errno {
  /// Whether `splice` or `sendfile` means by it that the descriptors are not of the right kind.
  var meansUnsupported: Bool { self == .invalidArgument || self == .notSupported || self == .noFunction }
}

/// Picks the way for a source and a sink: inside the kernel wherever nothing needs to see the bytes.
func makePump(from source: any ByteSource, to sink: any ByteSink) throws(SystemError) -> any Pump {
  switch (source.medium, sink.medium) {
  case (.file, .socket): SendfilePump(source, sink)
  case (.pipe, .socket), (.socket, .pipe): SplicePump(source, sink)
  case (.socket, .file), (.socket, .device), (.socket, .socket): try PipePump(source, sink)
  default: BufferPump(source, sink)
  }
}
