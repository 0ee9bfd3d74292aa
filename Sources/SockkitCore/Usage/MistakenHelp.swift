// SPDX-License-Identifier: GPL-3.0-or-later

/// `-h DIR`, by which `busybox httpd` is told what to serve, and which asks for help here.
package enum MistakenHelp {
  /// What to say to a command line in which `-h` is followed by a directory; `nil` if it is not.
  ///
  /// A port or an address behind it is what help was asked for about.
  package static func message(for words: [String]) -> String? {
    guard words.first == "http-server", let index = words.firstIndex(of: "-h"), index + 1 < words.count else {
      return nil
    }
    let word = words[index + 1]
    guard !word.hasPrefix("-"), !word.contains(":"), UInt16(word) == nil else { return nil }
    return "-h asks for help. The directory is an argument behind the port: 'sockkit http-server 8080 DIR'."
  }
}
