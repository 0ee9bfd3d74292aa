// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import Synchronization
package import SystemPackage

/// System calls that fail because a test wants to see what follows: a call is not made, and reports an `errno` in its place.
package enum InjectedFailures {
  /// Decides about a call, which is written as a trace has it: `accept(3)`; `nil` lets it be made.
  package typealias Choice = @Sendable (_ invocation: String) -> Errno?

  /// By the kernel's numbers of the threads whose calls are asked about.
  private static let choices = Guarded<[Int32: Choice]>([:])

  /// Has `choose` asked about each system call that the calling thread makes while `body` runs.
  package static func inject<Value: ~Copyable, Failure: Error>(
    _ choose: @escaping Choice, while body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let thread = csockkit_thread()
    let outer = choices.withLock { $0.updateValue(choose, forKey: thread) }
    Trace.beginInjection()
    defer {
      Trace.endInjection()
      choices.withLock { $0[thread] = outer }
    }
    return try body()
  }

  /// Whether a call is to fail; `errno` then has the reason.
  static func refuse(_ invocation: String) -> Bool {
    guard Trace.isInjecting else { return false }
    let choice = choices.withLock { $0[csockkit_thread()] }
    guard let code = choice?(invocation) else { return false }
    errno = code.rawValue
    return true
  }
}
