// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// From anything to anything, through a buffer in memory: for what the kernel cannot connect.
struct BufferPump: Pump {
  private let source: any ByteSource
  private let sink: any ByteSink
  private var buffer: [UInt8]
  private var held: Range<Int>
  private static let capacity = 256 << 10

  /// Connects a source and a sink; `bytes` are what another pump had taken and not passed on.
  init(_ source: any ByteSource, _ sink: any ByteSink, holding bytes: [UInt8] = []) {
    self.source = source
    self.sink = sink
    held = 0..<bytes.count
    buffer = bytes + [UInt8](repeating: 0, count: max(0, Self.capacity - bytes.count))
  }

  var isDirect: Bool { false }
  var hasRoom: Bool { held.isEmpty }

  /// Reads once, as much as fits; only while nothing is held.
  mutating func fill(atMost _: Int) throws(PumpFailure) -> Transfer {
    let source = source
    let transfer: Transfer
    do {
      var space = buffer.mutableSpan
      transfer = try source.read(into: &space)
    } catch {
      throw .source(error)
    }
    if case .moved(let count) = transfer { held = 0..<count }
    return transfer
  }

  /// Writes once, as much as the sink takes of what is held.
  mutating func drain(atMost limit: Int) throws(PumpFailure) -> Transfer {
    do {
      let transfer = try sink.write(buffer.span.extracting(held.prefix(limit)))
      if case .moved(let count) = transfer { held = held.lowerBound + count..<held.upperBound }
      return transfer
    } catch {
      throw .sink(error)
    }
  }

  /// Itself: there is nothing simpler, and it never asks for it.
  func fallback() -> any Pump { self }
}
