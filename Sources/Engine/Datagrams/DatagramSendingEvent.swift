// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Something that happens while datagrams are sent, and does not end it.
package enum DatagramSendingEvent: Equatable, Sendable {
  /// An address of several was given up for the next one.
  case attemptFailed(SystemError)
  /// Datagrams do not arrive any more; further ones are sent all the same.
  case failed(SystemError)
  /// Datagrams to an address arrive again, as far as that can be known.
  case recovered(Address)
  /// Standard input is cut into lines, and is not text.
  case inputIsNotText
}
