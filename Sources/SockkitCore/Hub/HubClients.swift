// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// The clients of a hub, by the numbers of their descriptors, which are small and dense.
struct HubClients {
  private var members: [HubClient?] = []
  private var marked: [HubClient] = []
  /// How many there are.
  private(set) var count = 0
  /// How many have so much to be sent that nothing should be added.
  private(set) var fullCount = 0

  /// All of them.
  var all: [HubClient] { members.compactMap { $0 } }

  /// Whether there is one of whom something is true.
  func contains(where isWanted: (HubClient) -> Bool) -> Bool {
    members.contains { $0.map(isWanted) ?? false }
  }

  /// The client with this descriptor, if it is one's.
  subscript(descriptor: FileDescriptor) -> HubClient? {
    let index = Int(descriptor.rawValue)
    return members.indices.contains(index) ? members[index] : nil
  }

  /// Adds a client.
  mutating func add(_ client: HubClient) {
    let index = Int(client.socket.number.rawValue)
    if index >= members.count {
      members.append(contentsOf: repeatElement(nil, count: index + 1 - members.count))
    }
    members[index] = client
    count += 1
  }

  /// Removes a client; its descriptor is closed when nobody holds it any more.
  mutating func remove(_ client: HubClient) {
    members[Int(client.socket.number.rawValue)] = nil
    count -= 1
    if client.isCountedFull { fullCount -= 1 }
    client.isCountedFull = false
  }

  /// Whether a client is still there.
  func has(_ client: HubClient) -> Bool { self[client.socket.number] === client }

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
