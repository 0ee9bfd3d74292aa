// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Pipes for the bytes that pass a loop: lent while some are under way, so that connections without any cost none.
package final class PipePool {
  /// A pipe that is lent.
  package final class PooledPipe {
    /// The pipe.
    package let pipe: Pipe
    /// How many bytes it holds at most; small pieces fill it earlier.
    package let capacity: Int

    fileprivate init() throws(SystemError) {
      pipe = try Pipe()
      capacity = Pipe.enlarge(pipe.input)
    }
  }

  private let limit: Int
  private var spare: [PooledPipe] = []
  /// How many there are, lent or not.
  private(set) var count = 0

  /// How many are kept that nobody needs at the moment.
  private static let mostSpare = 16

  /// - Parameter limit: How many pipes there may be; what finds none passes through memory.
  package init(limit: Int) { self.limit = limit }

  /// Lends an empty pipe; `nil` if there is none to be had.
  package func lend() -> PooledPipe? {
    if let loan = spare.popLast() { return loan }
    guard count < limit, let loan = try? PooledPipe() else { return nil }
    count += 1
    return loan
  }

  /// Takes a pipe back.
  ///
  /// - Parameter isEmpty: Whether nothing is left in it; otherwise it cannot be lent again.
  package func takeBack(_ loan: PooledPipe, isEmpty: Bool) {
    if isEmpty, spare.count < Self.mostSpare { return spare.append(loan) }
    count -= 1
  }
}
