// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc

/// The environment that the program was started in.
package enum ProcessEnvironment {
  /// Its entries, each as `NAME=value`, as bytes in no particular encoding.
  package static var entries: [[UInt8]] {
    var entries: [[UInt8]] = []
    var next = unsafe csockkit_environment()
    while let entry = unsafe next?.pointee {
      unsafe entries.append(Array(UnsafeRawBufferPointer(start: entry, count: strlen(entry))))
      unsafe next = next.map { unsafe $0 + 1 }
    }
    return entries
  }
}
