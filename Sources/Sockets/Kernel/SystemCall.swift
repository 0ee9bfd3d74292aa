// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// Runs one system call; every call of this module passes here, which is where tracing looks.
///
/// A call that a signal interrupted is made again, unless `retrying` is false (`close`, whose descriptor
/// is gone either way, and the waits, which have to work out the time that is left).
///
/// - Parameters:
///   - invocation: The call as C would write it, evaluated only while tracing.
///   - note: What to add to the result of a successful call, evaluated after it and only while tracing.
///   - returned: What the C function returned, where `call` returns something else; evaluated only while tracing.
/// - Returns: What the call returned, anything but -1.
/// - Throws: The `errno` it left, read before anything else is called.
@inline(__always)
func systemCall<Result: FixedWidthInteger>(
  _ invocation: @autoclosure () -> String, note: @autoclosure () -> String = "",
  returned: (Result) -> Result = { $0 },
  retrying: Bool = true, _ call: () -> Result
) throws(Errno) -> Result {
  let isTraced = Trace.isEnabled
  while true {
    let start: Deadline? = isTraced ? .now : nil
    let result = call()
    guard result == -1 else {
      if let start { Trace.report(invocation(), result: "\(returned(result))\(note())", since: start) }
      return result
    }
    let code = Errno(rawValue: errno)
    if let start { Trace.report(invocation(), result: Trace.failure(code), since: start) }
    if code != .interrupted || !retrying { throw code }
  }
}

/// Does `body` and words an `errno` that it throws as a failed `operation`.
@inline(__always)
func attempting<Value: ~Copyable>(
  _ operation: @autoclosure () -> Operation, _ body: () throws(Errno) -> Value
) throws(SystemError) -> Value {
  do { return try body() } catch { throw SystemError(operation(), error) }
}
