// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Sessions

extension NcatMessages {
  /// What is said of the clients of a proxy, of which the original reports none with a single `-v`; `nil` for another
  /// event.
  func words(ofServing event: Event) -> [String]? {
    switch event {
    case .accepted(let peer, _, _): [connection(from: peer)]
    case .forwarding(let client, let request, _, let remote, _):
      ["\(place(client)): connected to \(request?.target?.description ?? place(remote))."]
    case .forwardFailed(let client, let failure): ["\(place(client)): \(words(of: failure))."]
    case .forwardBroken(let client, let reason): ["\(place(client)): \(reason)."]
    case .closed(let peer, let sent, let received, let duration, _, _):
      ["\(place(peer)): \(totals(sent, received, duration))"]
    case .attemptFailed(let error), .connectionFailed(let error): ["\(words(of: error))."]
    default: nil
    }
  }
}
