// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// An event while datagrams are sent that does not end the sending.
package enum DatagramSendingEvent: Equatable, Sendable {
  /// One of several addresses was given up for the next one.
  case attemptFailed(IOFailure)
  /// Datagrams no longer arrive; further ones are still sent.
  case failed(IOFailure)
  /// Datagrams to an address arrive again, as far as this can be determined.
  case recovered(Address)
  /// Standard input is cut into lines, but is not text.
  case inputIsNotText
}
