// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Transport

/// A source or sink in memory: returns its bytes in given pieces, and accepts a few bytes at a time.
final class MemoryStream: ByteSource, ByteSink {
  private let pair: Pipe
  private var pieces: [[UInt8]]
  private let writeLimit: Int
  private(set) var written: [UInt8] = []
  private(set) var isFinished = false

  init(pieces: [[UInt8]] = [], writeLimit: Int = .max) throws {
    // A pipe that is readable from the start represents a source that is always ready.
    pair = try Pipe()
    _ = try Transfer.write(to: pair.input, from: [1].span)
    self.pieces = pieces
    self.writeLimit = writeLimit
  }

  var medium: DescriptorKind { .opaque }
  var descriptor: FileDescriptor { pair.output }
  var name: String { "memory" }

  func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) -> Transfer {
    guard !pieces.isEmpty else { return .endOfStream }
    let piece = pieces.removeFirst()
    for (index, byte) in piece.enumerated() { buffer[index] = byte }
    return .moved(piece.count)
  }

  func write(_ buffer: Span<UInt8>) -> Transfer {
    let count = min(writeLimit, buffer.count)
    for index in 0..<count { written.append(buffer[index]) }
    return .moved(count)
  }

  func finish() -> Finish {
    isFinished = true
    return .done
  }
  func readError(_ code: Errno) -> IOFailure { IOFailure(.read(name), code) }
  func writeError(_ code: Errno) -> IOFailure { IOFailure(.write(name), code) }
}
