// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// A detached thread of the process; nothing joins it.
package enum Thread {
  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Enough for the call depth of one connection; a larger stack would cost each thread more address space.
  private static let stackSize = 512 << 10

  /// Starts a thread. The corresponding C function is `pthread_create`.
  ///
  /// - Throws: `EAGAIN` if there are too many threads.
  package static func start(_ body: @escaping @Sendable () -> Void) throws(IOFailure) {
    Trace.expectThreads()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    unsafe pthread_attr_setstacksize(&attributes, stackSize)
    let start = unsafe Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let code = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      unsafe start.release()
      throw IOFailure(.create("a thread"), Errno(rawValue: code))
    }
  }
}
