// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization

/// The addresses of this machine's interfaces, which may change while a program runs.
final class LocalAddresses: Sendable {
  private struct State {
    var addresses: Set<IPAddress> = []
    var end = Deadline.now
  }

  private let state = Guarded(State())

  /// The time for which they are not read again.
  private static let memory = Duration.seconds(5)

  /// Whether an address is one of them.
  func contain(_ address: IPAddress) -> Bool {
    state.withLock { state in
      if state.end.hasPassed {
        state = State(addresses: Set(SystemInventory.addresses.map(\.unmapped)), end: .after(Self.memory))
      }
      return state.addresses.contains(address.unmapped)
    }
  }
}
