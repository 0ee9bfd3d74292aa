// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit

/// The command line; it is available even without `/proc`.
package enum ProgramArguments {
  /// The words after the program's name, as `ByteText`: they need not be UTF-8.
  package static var words: [String] {
    (1..<max(1, csockkit_argument_count())).compactMap { index in
      unsafe csockkit_argument(index).map { unsafe ByteText.text(of: $0) }
    }
  }
}
