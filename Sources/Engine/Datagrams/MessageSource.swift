// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Where the messages come from that are sent as datagrams: the command line, or standard input.
package enum MessageSource {
  /// These, each one datagram.
  case given([[UInt8]])
  /// Standard input, cut by a rule.
  case input(StandardStream, MessageFraming.Rule)

  /// Whether messages come one after another, for as long as it takes.
  var isStream: Bool {
    if case .input = self { true } else { false }
  }
}
