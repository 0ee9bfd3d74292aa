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

  /// The value of a variable, as `ByteText`; `nil` if it is not set. The C function is `getenv`.
  package static func value(of name: String) -> String? {
    unsafe getenv(name).map { unsafe ByteText.text(of: $0) }
  }
}

/// The command line; it is available even without `/proc`.
package enum ProgramArguments {
  /// The name by which the program was called, as `ByteText`; empty if there is none.
  package static var name: String {
    unsafe csockkit_argument(0).map { unsafe ByteText.text(of: $0) } ?? ""
  }

  /// The words after the program's name, as `ByteText`: they need not be UTF-8.
  package static var words: [String] {
    (1..<max(1, csockkit_argument_count())).compactMap { index in
      unsafe csockkit_argument(index).map { unsafe ByteText.text(of: $0) }
    }
  }
}
