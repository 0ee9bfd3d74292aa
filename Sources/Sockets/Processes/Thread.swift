// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// A thread of the process that ends by itself; nobody waits for it.
package enum Thread {
  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Room for the call chain of a conversation; of a larger stack each thread would pay for the address space.
  private static let stackSize = 512 << 10

  /// Starts a thread. The corresponding C function is `pthread_create`.
  ///
  /// - Throws: `EAGAIN` if there are too many.
  package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
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
      throw SystemError(.create("a thread"), Errno(rawValue: code))
    }
  }
}
