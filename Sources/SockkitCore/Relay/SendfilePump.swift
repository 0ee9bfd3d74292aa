// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// From a file straight to a socket, by `sendfile`.
struct SendfilePump: Pump {
  private let source: any ByteSource
  private let sink: any ByteSink
  /// Large enough to make the calls few, small enough to look at the other direction in between.
  private static let step = 4 << 20

  init(_ source: any ByteSource, _ sink: any ByteSink) {
    self.source = source
    self.sink = sink
  }

  var isDirect: Bool { true }
  var hasRoom: Bool { true }

  func fill() throws(PumpFailure) -> Transfer {
    do {
      return try .sendfile(from: source.number, to: sink.number, count: Self.step)
    } catch {
      if error.meansUnsupported || error == .isDirectory { throw .unsupported }
      throw error == .ioError ? .source(source.readError(error)) : .sink(sink.writeError(error))
    }
  }

  func drain() -> Transfer { .wouldBlock }
  func fallback() -> BufferPump { BufferPump(source, sink) }
}
