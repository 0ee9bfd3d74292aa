// SPDX-License-Identifier: GPL-3.0-or-later

import Engine

extension Reporter {
  /// Reports what happens while datagrams are sent.
  func report(sending event: DatagramSendingEvent) {
    switch event {
    case .attemptFailed(let error): report(.attemptFailed(error))
    case .failed(let error): report(.sendingFailed(error))
    case .recovered(let address): report(.sendingRecovered(address))
    case .inputIsNotText:
      note(
        "standard input is not text, and is cut at each newline: --whole sends all of it as one datagram, --block N in "
          + "blocks of N bytes")
    }
  }
}
