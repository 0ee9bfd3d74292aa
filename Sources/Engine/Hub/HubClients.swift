// SPDX-License-Identifier: GPL-3.0-or-later

/// The clients of a hub.
struct HubClients {
  private var members = MemberList<HubClient>()
  private var marked: [HubClient] = []
  /// The number of clients.
  var count: Int { all.count }
  /// All clients.
  var all: [HubClient] { members.all }
  /// The number of clients with so many bytes to send that nothing should be added.
  private(set) var fullCount = 0

  /// Adds a client.
  mutating func add(_ client: HubClient) { members.add(client) }

  /// Removes a client; its descriptor is closed when the last reference to it is released.
  mutating func remove(_ client: HubClient) {
    guard members.remove(client) else { return }
    if client.isCountedFull { fullCount -= 1 }
    client.isCountedFull = false
  }

  /// Whether a client is in the list.
  func has(_ client: HubClient) -> Bool { client.index != nil }

  /// Updates whether a client is counted among the full ones.
  mutating func count(_ client: HubClient) {
    guard client.sending.isFull != client.isCountedFull else { return }
    fullCount += client.sending.isFull ? 1 : -1
    client.isCountedFull.toggle()
  }

  /// Marks a client to be handled before the next wait.
  mutating func mark(_ client: HubClient) {
    guard !client.isMarked else { return }
    client.isMarked = true
    marked.append(client)
  }

  /// Removes and returns the next marked client.
  mutating func nextMarked() -> HubClient? {
    guard let client = marked.popLast() else { return nil }
    client.isMarked = false
    return client
  }
}
