// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What the copiers of one thread share: room in memory for the bytes of one move, and pipes for those that are on their way.
package final class CopyResources {
  /// Where bytes are for the time of one move.
  package var scratch: [UInt8]
  /// Pipes for streams.
  let pipes: PipePool
  /// The most that is sent of a file at once, in bytes: enough to make the calls few, little enough for others to have their
  /// turn.
  let fileBudget: Int

  /// Creates resources.
  ///
  /// - Parameters:
  ///   - size: How many bytes are moved through memory at once.
  ///   - pipes: How many pipes there may be; what finds none goes through memory.
  ///   - fileBudget: The most that is sent of a file at once, in bytes.
  package init(size: Int = 64 << 10, pipes: Int, fileBudget: Int = 1 << 20) {
    self.fileBudget = fileBudget
    scratch = [UInt8](repeating: 0, count: size)
    self.pipes = PipePool(limit: pipes)
  }

  /// Reads from a source into the scratch memory, which begins with the bytes then.
  package func read(from source: any ByteSource, atMost limit: Int = .max) throws(SystemError) -> Transfer {
    try withScratch { (buffer) throws(SystemError) in try source.read(into: &buffer, atMost: limit) }
  }

  /// Calls a closure with the scratch memory.
  func withScratch<Result, Failure>(
    _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    func lend(_ scratch: inout [UInt8]) throws(Failure) -> Result {
      var buffer = scratch.mutableSpan
      return try body(&buffer)
    }
    return try lend(&scratch)
  }

  /// How many pipes there are.
  package var pipeCount: Int { pipes.count }
}
