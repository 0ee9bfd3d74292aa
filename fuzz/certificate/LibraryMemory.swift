// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Glibc
import TLS

/// Counts the pieces of memory that the library has allocated.
enum LibraryMemory {
  /// How many it holds; the fuzzer has one thread.
  nonisolated(unsafe) private(set) static var held = 0

  nonisolated(unsafe) private static var isCounting = false

  /// Makes the library allocate by functions that count. It permits that only before its first allocation.
  static func startCounting() {
    guard unsafe !isCounting else { return }
    unsafe isCounting = true
    let isSet = unsafe CRYPTO_set_mem_functions(
      { count, _, _ in unsafe LibraryMemory.take(malloc(count)) },
      { memory, count, _, _ in
        // realloc(3) takes memory from nowhere, and releases it if none is left.
        guard let memory = unsafe memory else { return unsafe LibraryMemory.take(malloc(count)) }
        if count == 0 { unsafe LibraryMemory.held -= 1 }
        return unsafe realloc(memory, count)
      },
      { memory, _, _ in
        guard let memory = unsafe memory else { return }
        unsafe LibraryMemory.held -= 1
        unsafe free(memory)
      })
    precondition(isSet == 1, "the memory of the library cannot be counted")
    precondition((try? OpenSSL.load()) != nil, "the library cannot be used")
  }

  private static func take(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if unsafe memory != nil { unsafe held += 1 }
    return unsafe memory
  }
}
