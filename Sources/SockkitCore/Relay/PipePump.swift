// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// From a socket to anything but a pipe, by `splice` into a pipe of our own and out of it again.
struct PipePump: Pump {
  /// The pipe, on the heap because the pump is copied about.
  private final class Channel {
    let pipe: Pipe
    /// Makes the pipe.
    init() throws(SystemError) { pipe = try Pipe() }
  }

  private let source: any ByteSource
  private let sink: any ByteSink
  private let channel: Channel
  private let capacity: Int
  private var held = 0

  /// Connects a socket and a sink by a pipe of its own.
  ///
  /// - Throws: `EMFILE` and its like.
  init(_ source: any ByteSource, _ sink: any ByteSink) throws(SystemError) {
    self.source = source
    self.sink = sink
    channel = try Channel()
    capacity = Pipe.enlarge(channel.pipe.input)
  }

  var isDirect: Bool { false }
  var hasRoom: Bool { held == 0 }

  /// Moves bytes from the socket into the pipe; only while it is empty.
  mutating func fill(atMost _: Int) throws(PumpFailure) -> Transfer {
    let transfer: Transfer
    do {
      transfer = try Transfer.splice(from: source.number, to: channel.pipe.input, count: capacity)
    } catch {
      if error.meansUnsupported { throw .unsupported }
      throw .source(source.readError(error))
    }
    if source.isStuck(after: transfer) { throw .unsupported }
    if case .moved(let count) = transfer { held += count }
    return transfer
  }

  /// Moves bytes from the pipe into the sink.
  mutating func drain(atMost limit: Int) throws(PumpFailure) -> Transfer {
    do {
      let transfer = try Transfer.splice(from: channel.pipe.output, to: sink.number, count: min(held, limit))
      if case .moved(let count) = transfer { held -= count }
      return transfer
    } catch {
      if error.meansUnsupported { throw .unsupported }
      throw .sink(sink.writeError(error))
    }
  }

  /// A buffer that holds what is in the pipe.
  func fallback() throws(SystemError) -> any Pump {
    do {
      return BufferPump(source, sink, holding: try Transfer.bytes(inPipe: channel.pipe.output, count: held))
    } catch {
      throw SystemError(.read("a pipe"), error)
    }
  }
}
