// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Straight between a pipe and a socket, by `splice`.
struct SplicePump: Pump {
  private let source: any ByteSource
  private let sink: any ByteSink

  init(_ source: any ByteSource, _ sink: any ByteSink) {
    self.source = source
    self.sink = sink
  }

  var isDirect: Bool { true }
  var hasRoom: Bool { true }

  func fill() throws(PumpFailure) -> Transfer {
    do {
      return try .splice(from: source.number, to: sink.number, count: Pipe.preferredCapacity)
    } catch {
      if error.meansUnsupported { throw .unsupported }
      throw isSinkToBlame(for: error) ? .sink(sink.writeError(error)) : .source(source.readError(error))
    }
  }

  /// A socket too can report `EPIPE` when it is read, after a reset that followed the peer's end of stream.
  private func isSinkToBlame(for code: Errno) -> Bool {
    guard source.medium == .socket else { return true }
    guard code == .brokenPipe else { return false }
    var sinkAlone = PollSet()
    sinkAlone.add(sink.number, for: [])
    return (try? sinkAlone.wait(until: .now)) == true
  }

  func drain() -> Transfer { .wouldBlock }
  func fallback() -> BufferPump { BufferPump(source, sink) }
}
