// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc

/// The command line, also where there is no `/proc` to read it from.
package enum ProgramArguments {
  /// The words after the program's name; of one that is not UTF-8, `firstMalformed` tells.
  package static var words: [String] { bytes.map { String(decoding: $0, as: UTF8.self) } }

  /// The bytes of the first word that is not UTF-8, and would be altered silently as text; `nil` if all are.
  package static var firstMalformed: [UInt8]? {
    bytes.first { String(validating: $0, as: UTF8.self) == nil }
  }

  private static var bytes: [[UInt8]] {
    (1..<max(1, csockkit_argument_count())).compactMap { index in
      guard let word = unsafe csockkit_argument(index) else { return nil }
      return unsafe Array(UnsafeRawBufferPointer(start: word, count: strlen(word)))
    }
  }
}
