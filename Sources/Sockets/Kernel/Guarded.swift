// SPDX-License-Identifier: GPL-3.0-or-later

#if THREAD_SANITIZER
  import Glibc
  import Synchronization
#else
  package import Synchronization
#endif

#if THREAD_SANITIZER
  /// A value that one thread at a time has access to.
  ///
  /// The thread sanitizer does not see the standard library's `Mutex`, which waits by a call that the sanitizer does not
  /// know, and takes what is guarded by one for a race. Here each has a mutex of the C library around it; that no two are
  /// taken in different orders the sanitizer checks, too.
  package struct Guarded<Value: ~Copyable>: ~Copyable {
    private let mutex: Mutex<Value>
    private let witness = WitnessedMutex()

    /// Guards a value.
    package init(_ value: consuming sending Value) { mutex = Mutex(value) }

    /// Calls `body` with the value, which no other thread has access to meanwhile.
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
      _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      witness.lock()
      defer { witness.unlock() }
      return try mutex.withLock(body)
    }
  }

  /// A mutex of the C library, which the thread sanitizer sees.
  @safe private final class WitnessedMutex: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { unsafe pthread_mutex_init(mutex, nil) }

    deinit {
      unsafe pthread_mutex_destroy(mutex)
      unsafe mutex.deallocate()
    }

    func lock() { unsafe pthread_mutex_lock(mutex) }
    func unlock() { unsafe pthread_mutex_unlock(mutex) }
  }
#else
  /// A value that one thread at a time has access to; in a build with the thread sanitizer, for which `THREAD_SANITIZER`
  /// is defined, it is a type of our own.
  package typealias Guarded = Mutex
#endif
