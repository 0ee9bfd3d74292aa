// SPDX-License-Identifier: GPL-3.0-or-later

/// The clients of a hub.
struct HubClients {
  private var members = MemberList<HubClient>()
  private var marked: [HubClient] = []
  /// How many there are.
  var count: Int { all.count }
  /// All of them.
  var all: [HubClient] { members.all }
  /// How many have so much to be sent that nothing should be added.
  private(set) var fullCount = 0

  /// Adds a client.
  mutating func add(_ client: HubClient) { members.add(client) }

  /// Removes a client; its descriptor is closed when nothing holds it any more.
  mutating func remove(_ client: HubClient) {
    guard members.remove(client) else { return }
    if client.isCountedFull { fullCount -= 1 }
    client.isCountedFull = false
  }

  /// Whether a client is still there.
  func has(_ client: HubClient) -> Bool { client.index != nil }

  /// Counts a client among those who are full, or no longer.
  mutating func count(_ client: HubClient) {
    guard client.sending.isFull != client.isCountedFull else { return }
    fullCount += client.sending.isFull ? 1 : -1
    client.isCountedFull.toggle()
  }

  /// Has a client looked at before the next wait.
  mutating func mark(_ client: HubClient) {
    guard !client.isMarked else { return }
    client.isMarked = true
    marked.append(client)
  }

  /// The next of those who have to be looked at.
  mutating func nextMarked() -> HubClient? {
    guard let client = marked.popLast() else { return nil }
    client.isMarked = false
    return client
  }
}
