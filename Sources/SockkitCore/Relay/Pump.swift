// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// A way of moving bytes from a source to a sink.
protocol Pump {
  /// Whether bytes pass in one step, so that a move needs source and sink ready at once and nothing is held.
  var isDirect: Bool { get }
  /// Whether more can be taken from the source.
  var hasRoom: Bool { get }

  /// Takes bytes from the source; a direct pump passes them on too.
  mutating func fill() throws(PumpFailure) -> Transfer
  /// Passes held bytes on.
  mutating func drain() throws(PumpFailure) -> Transfer
  /// The pump to go on with, with the bytes held here, when the kernel does not support this one.
  func fallback() throws(SystemError) -> BufferPump
}

/// Why a pump stopped.
enum PumpFailure: Error {
  /// The source failed.
  case source(SystemError)
  /// The sink failed.
  case sink(SystemError)
  /// The kernel cannot connect these two in this way; no byte is lost.
  case unsupported
}

/// Which end of a lane failed.
enum LaneFailure: Error {
  /// The source failed.
  case source(SystemError)
  /// The sink failed.
  case sink(SystemError)
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
