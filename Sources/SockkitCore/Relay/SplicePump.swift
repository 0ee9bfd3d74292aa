// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Straight between a pipe and a socket, by `splice`.
struct SplicePump: Pump {
  private let source: any ByteSource
  private let sink: any ByteSink

  /// Connects a pipe and a socket, in either direction.
  init(_ source: any ByteSource, _ sink: any ByteSink) {
    self.source = source
    self.sink = sink
  }

  var isDirect: Bool { true }
  var hasRoom: Bool { true }

  /// Moves what there is and what fits, up to a pipe's capacity.
  func fill(atMost limit: Int) throws(PumpFailure) -> Transfer {
    let transfer: Transfer
    do {
      transfer = try .splice(from: source.number, to: sink.number, count: min(Pipe.preferredCapacity, limit))
    } catch {
      if error.meansUnsupported { throw .unsupported }
      throw isSinkToBlame(for: error) ? .sink(sink.writeError(error)) : .source(source.readError(error))
    }
    if source.isStuck(after: transfer) { throw .unsupported }
    return transfer
  }

  /// A socket too can report `EPIPE` when it is read, after a reset that followed the peer's end of stream.
  private func isSinkToBlame(for code: Errno) -> Bool {
    guard source.medium == .socket else { return true }
    guard code == .brokenPipe else { return false }
    return (try? sink.number.wait(for: [], until: .now)).map { !$0.isEmpty } ?? false
  }

  /// Nothing is ever held.
  func drain(atMost _: Int) -> Transfer { .wouldBlock }
  /// A buffer, for sockets that `splice` does not know.
  func fallback() -> any Pump { BufferPump(source, sink) }
}
