// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Handshakes
import Sessions
import Sockets

/// The proxy of a command line of `ncat`.
enum NcatProxy {
  /// What a proxy speaks, by the names of the original; `nil` for another name.
  static func scheme(of type: String) -> ProxyURL.Scheme? {
    switch type.lowercased() {
    case "http": .http
    case "socks4", "4": .socks4a
    case "socks5", "5": .socks5h
    default: nil
    }
  }
}
