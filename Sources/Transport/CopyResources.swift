// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The resources that the copiers of one thread share: memory for the bytes of one move, and pipes for bytes in
/// transit.
package final class CopyResources {
  /// The buffer for one move.
  package var scratch: [UInt8]
  /// Pipes for streams.
  let pipes: PipePool
  /// The maximum number of bytes of a file to send at once: enough to make calls few, but not so much that other
  /// connections have to wait.
  let fileBudget: Int

  /// Creates resources.
  ///
  /// - Parameters:
  ///   - size: The number of bytes that are moved through memory at once.
  ///   - pipes: The maximum number of pipes; without one, bytes are moved through memory.
  ///   - fileBudget: The maximum number of bytes of a file to send at once.
  package init(size: Int = 64 << 10, pipes: Int, fileBudget: Int = 1 << 20) {
    self.fileBudget = fileBudget
    scratch = [UInt8](repeating: 0, count: size)
    self.pipes = PipePool(limit: pipes)
  }

  /// Reads from a source into the start of the scratch memory.
  package func read(from source: any ByteSource, atMost limit: Int = .max) throws(IOFailure) -> Transfer {
    func read(_ scratch: inout [UInt8]) throws(IOFailure) -> Transfer {
      var buffer = scratch.mutableSpan
      return try source.read(into: &buffer, atMost: limit)
    }
    return try read(&scratch)
  }

  /// Calls a closure with the scratch memory.
  func withScratch<Result>(_ body: (inout MutableSpan<UInt8>) -> Result) -> Result {
    func lend(_ scratch: inout [UInt8]) -> Result {
      var buffer = scratch.mutableSpan
      return body(&buffer)
    }
    return lend(&scratch)
  }

  /// The number of pipes.
  package var pipeCount: Int { pipes.count }
}
