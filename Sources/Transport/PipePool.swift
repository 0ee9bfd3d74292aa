// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Pipes for the bytes that pass through a loop: borrowed while bytes are in transit, so that idle connections need
/// none.
package final class PipePool {
  /// A borrowed pipe.
  package final class PooledPipe {
    /// The pipe.
    package let pipe: Pipe
    /// The maximum number of bytes that it holds; small pieces fill it earlier.
    package let capacity: Int

    fileprivate init() throws(IOFailure) {
      pipe = try Pipe()
      capacity = Pipe.enlarge(pipe.input)
    }
  }

  private let limit: Int
  private var spare: [PooledPipe] = []
  /// The number of pipes, borrowed or not.
  private(set) var count = 0

  /// The maximum number of unused pipes that are kept.
  private static let mostSpare = 16

  /// - Parameter limit: The maximum number of pipes; without one, bytes are moved through memory.
  package init(limit: Int) { self.limit = limit }

  /// Lends an empty pipe; `nil` if none is available.
  package func lend() -> PooledPipe? {
    if let loan = spare.popLast() { return loan }
    guard count < limit, let loan = try? PooledPipe() else { return nil }
    count += 1
    return loan
  }

  /// Returns a pipe to the pool.
  ///
  /// - Parameter isEmpty: Whether the pipe is empty; otherwise it cannot be lent again.
  package func takeBack(_ loan: PooledPipe, isEmpty: Bool) {
    if isEmpty, spare.count < Self.mostSpare { return spare.append(loan) }
    count -= 1
  }
}
