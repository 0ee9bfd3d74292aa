// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The source of the messages that are sent as datagrams: the command line, or standard input.
package enum MessageSource {
  /// These messages, one datagram each.
  case given([[UInt8]])
  /// Standard input, split by a rule.
  case input(StandardStream, MessageFraming.Rule)

  /// Whether messages arrive over time, without a known end.
  var isStream: Bool {
    if case .input = self { true } else { false }
  }
}
