// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// From a file straight to a socket, by `sendfile`.
struct SendfilePump: Pump {
  private let source: any ByteSource
  private let sink: any ByteSink
  /// Large enough to make the calls few, small enough to look at the other direction in between.
  private static let step = 4 << 20

  /// Connects a file and a socket.
  init(_ source: any ByteSource, _ sink: any ByteSink) {
    self.source = source
    self.sink = sink
  }

  var isDirect: Bool { true }
  var hasRoom: Bool { true }

  /// Sends the next bytes of the file; the end of the stream is the end of the file.
  func fill(atMost limit: Int) throws(PumpFailure) -> Transfer {
    do {
      return try .sendfile(from: source.number, to: sink.number, count: min(Self.step, limit))
    } catch {
      if error.meansUnsupported || error == .isDirectory { throw .unsupported }
      throw error.isOfConnection ? .sink(sink.writeError(error)) : .source(source.readError(error))
    }
  }

  /// Nothing is ever held.
  func drain(atMost _: Int) -> Transfer { .wouldBlock }
  /// A buffer, for files that `sendfile` cannot read, such as some in `/proc`.
  func fallback() -> any Pump { BufferPump(source, sink) }
}

extension Errno {
  /// Whether only a connection fails in this way, and no file.
  var isOfConnection: Bool { endsConnection || self == .noBufferSpace }

  /// Whether the connection is gone that failed in this way, so that receiving comes to an end, too.
  package var endsConnection: Bool {
    [
      Errno.brokenPipe, .connectionReset, .connectionAbort, .connectionRefused, .socketNotConnected,
      .timedOut, .noRouteToHost, .hostIsDown, .networkDown, .networkUnreachable,
    ].contains(self)
  }
}
