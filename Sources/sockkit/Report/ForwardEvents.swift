// SPDX-License-Identifier: GPL-3.0-or-later

import Engine

extension Reporter {
  /// Tells of what happens to forwarded connections.
  func report(forwarded event: ForwardEvent) {
    switch event {
    case .reception(let event): report(connection: event)
    case .attemptFailed(let error): report(.attemptFailed(error))
    case .connected(let client, let local, let remote):
      report(.forwarding(client: client, from: local, to: remote))
    case .failed(let client, let failure): report(.forwardFailed(client: client, failure))
    case .broken(let client, let reason): report(.forwardBroken(client: client, reason))
    case .closed(let client, let toTarget, let toClient, let duration):
      report(.closed(peer: client, sent: toClient, received: toTarget, duration: duration))
    }
  }
}
