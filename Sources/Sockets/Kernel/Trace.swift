// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import Synchronization
import SystemPackage

/// The trace of system calls: where it goes, and the contents of one line.
package enum Trace {
  /// One system call that has returned.
  package struct Call: Sendable {
    /// The call as C would write it: `bind(3, 0.0.0.0:5000)`.
    package let invocation: String
    /// The result: `0`, `4 from 127.0.0.1:51234`, or `-1 ECONNREFUSED (Connection refused)`.
    package let result: String
    /// The duration of the call in nanoseconds.
    package let nanoseconds: Int64
    /// The process and thread that made it; `nil` while only one can make calls.
    package let caller: Caller?

    /// The line to print: `bind(3, 0.0.0.0:5000) = 0 [0.01 ms]`, after the caller if there are several.
    package var line: String {
      (caller.map { "[\($0)] " } ?? "") + "\(invocation) = \(result) [\(milliseconds) ms]"
    }

    /// The time taken in milliseconds, with two decimals.
    package var milliseconds: String {
      let hundredths = (nanoseconds + 5_000) / 10_000
      let fraction = hundredths % 100
      return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
  }

  /// The process that made a call, and the thread if the process has several.
  package struct Caller: Sendable, CustomStringConvertible {
    /// The process ID.
    package let process: Int32
    /// The kernel's thread ID.
    package let thread: Int32?

    /// `PID` or `PID.TID`.
    package var description: String { "\(process)" + (thread.map { ".\($0)" } ?? "") }
  }

  /// Whether there is an observer, and above that bit how many tests have calls fail.
  private static let uses = Atomic(0)
  private static let hasProcesses = Atomic(false)
  private static let hasThreads = Atomic(false)
  private static let observer = Guarded<(@Sendable (Call) -> Void)?>(nil)

  /// Whether calls are traced, or failures are injected; a relaxed load, which is the whole cost of both while they are off.
  package static var isEnabled: Bool { uses.load(ordering: .relaxed) != 0 }

  /// Whether failures are injected in any thread.
  static var isInjecting: Bool { uses.load(ordering: .relaxed) > 1 }

  /// Notes that failures are injected.
  static func beginInjection() { uses.add(2, ordering: .relaxed) }

  /// Notes that failures are not injected any more.
  static func endInjection() { uses.subtract(2, ordering: .relaxed) }

  /// Sends every later call to `observer`; `nil` turns tracing off.
  package static func send(to observer: (@Sendable (Call) -> Void)?) {
    Self.observer.withLock { $0 = observer }
    if observer != nil {
      uses.bitwiseOr(1, ordering: .relaxed)
    } else {
      uses.bitwiseAnd(~1, ordering: .relaxed)
    }
  }

  /// Notes that another process is about to make calls too, so that each call from here on names its process.
  static func expectProcesses() { hasProcesses.store(true, ordering: .relaxed) }

  /// Notes that another thread is about to make calls too.
  static func expectThreads() { hasThreads.store(true, ordering: .relaxed) }

  private static var caller: Caller? {
    let hasThreads = hasThreads.load(ordering: .relaxed)
    guard hasThreads || hasProcesses.load(ordering: .relaxed) else { return nil }
    return Caller(process: getpid(), thread: hasThreads ? csockkit_thread() : nil)
  }

  /// Passes a call that has just returned to the observer.
  static func report(_ invocation: String, result: String, since start: Deadline) {
    let call = Call(
      invocation: invocation, result: result, nanoseconds: start.nanoseconds(until: .now), caller: caller)
    observer.withLock { $0?(call) }
  }

  /// The result of a failed call, in the usual notation: `-1 ECONNREFUSED (Connection refused)`.
  static func failure(_ code: Errno) -> String {
    let name = unsafe csockkit_error_name(code.rawValue).map { unsafe String(cString: $0) }
    return "-1 \(name ?? "errno \(code.rawValue)") (\(code))"
  }
}
