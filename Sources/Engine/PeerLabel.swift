// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// The prefix of lines where those of several peers are mixed.
package enum PeerLabel {
  /// A peer's label, as in `[192.0.2.1:40112] `; unnamed Unix sockets are distinguished by their numbers.
  package static func text(_ peer: Address, _ number: Int) -> String {
    let name = peer == .unnamed ? "\(peer)#\(number)" : TerminalSafe.escape("\(peer)")
    return "[\(name)] "
  }
}
