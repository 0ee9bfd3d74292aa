// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// Runs one system call. Every call of this module goes through this function, which is where calls are traced, and where
/// tests inject failures.
///
/// A call that a signal interrupts is repeated, unless `retrying` is false: `close` releases the descriptor in any
/// case, and the waits have to recompute the time left.
///
/// - Parameters:
///   - invocation: The call as C would write it, evaluated only while tracing.
///   - note: Text appended to the result of a successful call, evaluated after it and only while tracing.
///   - returned: The C function's return value, if `call` returns something else; evaluated only while tracing.
/// - Returns: The result of the call, anything but -1.
/// - Throws: The `errno` of the call, read before any other call is made.
@inline(__always)
func systemCall<Result: FixedWidthInteger>(
  _ invocation: @autoclosure () -> String, note: @autoclosure () -> String = "",
  returned: (Result) -> Result = { $0 },
  retrying: Bool = true, _ call: () -> Result
) throws(Errno) -> Result {
  guard !Trace.isEnabled else {
    return try observedSystemCall(invocation(), note: note, returned: returned, retrying: retrying, call)
  }
  while true {
    let result = call()
    if result != -1 { return result }
    let code = Errno(rawValue: errno)
    if code != .interrupted || !retrying { throw code }
  }
}

/// Runs one system call that is traced, or for which a test injects a failure.
private func observedSystemCall<Result: FixedWidthInteger>(
  _ invocation: String, note: () -> String, returned: (Result) -> Result, retrying: Bool, _ call: () -> Result
) throws(Errno) -> Result {
  while true {
    let start = Deadline.now
    let result = InjectedFailures.refuse(invocation) ? -1 : call()
    let code = Errno(rawValue: errno)
    guard result == -1 else {
      Trace.report(invocation, result: "\(returned(result))\(note())", since: start)
      return result
    }
    Trace.report(invocation, result: Trace.failure(code), since: start)
    if code != .interrupted || !retrying { throw code }
  }
}

/// Runs `body` and converts an `errno` that it throws to the error of a failed `operation`.
@inline(__always)
func attempting<Value: ~Copyable>(
  _ operation: @autoclosure () -> Operation, _ body: () throws(Errno) -> Value
) throws(IOFailure) -> Value {
  do { return try body() } catch { throw IOFailure(operation(), error) }
}
