// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import Synchronization
import SystemPackage

/// The narration of system calls: who wants it, and what one line of it holds.
package enum Trace {
  /// One system call that has returned.
  package struct Call: Sendable {
    /// The call as C would write it: `bind(3, 0.0.0.0:5000)`.
    package let invocation: String
    /// What it returned: `0`, `4 from 127.0.0.1:51234`, or `-1 ECONNREFUSED (Connection refused)`.
    package let result: String
    /// How long it took.
    package let nanoseconds: Int64
    /// Who made it; `nil` while there is only one who can.
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

  /// The process, and where there are several the thread, that made a call.
  package struct Caller: Sendable, CustomStringConvertible {
    /// The number of the process.
    package let process: Int32
    /// The kernel's number of the thread.
    package let thread: Int32?

    /// `PID` or `PID.TID`.
    package var description: String { "\(process)" + (thread.map { ".\($0)" } ?? "") }
  }

  private static let enabled = Atomic(false)
  private static let hasProcesses = Atomic(false)
  private static let hasThreads = Atomic(false)
  private static let observer = Mutex<(@Sendable (Call) -> Void)?>(nil)

  /// Whether calls are narrated; a relaxed load, the whole cost of tracing while it is off.
  package static var isEnabled: Bool { enabled.load(ordering: .relaxed) }

  /// Sends every later call to `observer`, or to nobody with `nil`.
  package static func send(to observer: (@Sendable (Call) -> Void)?) {
    Self.observer.withLock { $0 = observer }
    enabled.store(observer != nil, ordering: .relaxed)
  }

  /// Takes note that another process is about to make calls too, so that from here on each call says which it is.
  static func expectProcesses() { hasProcesses.store(true, ordering: .relaxed) }

  /// Takes note that another thread is about to make calls too.
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

  /// What a failed call returned, as a textbook writes it: `-1 ECONNREFUSED (Connection refused)`.
  static func failure(_ code: Errno) -> String {
    let name = unsafe csockkit_error_name(code.rawValue).map { unsafe String(cString: $0) }
    return "-1 \(name ?? "errno \(code.rawValue)") (\(code))"
  }
}
