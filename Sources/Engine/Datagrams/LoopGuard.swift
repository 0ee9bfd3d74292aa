// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Ends the loop of two servers that answer each other's answers, which one datagram with a forged source can start.
///
/// In a loop the same datagram comes back from the same peer at the full rate of the network or, where answers begin with
/// a prefix, a datagram that has the prefix in it already. A client may send such datagrams too, but not so many: what
/// comes more often than `most` times within a second is not answered, which ends a loop for good and costs a client the
/// rest of the second. Memory is bounded, because peers and datagrams share a table by their hashes.
package struct LoopGuard {
  private struct Entry {
    var key = 0
    var count = 0
    var end = Deadline.now
  }

  /// What is to be done about a datagram.
  package enum Verdict: Equatable, Sendable {
    /// It is answered.
    case answered
    /// It is the first in its second that is not answered.
    case suspected
    /// It is another one that is not answered.
    case dropped
  }

  /// How many alike are answered within the period.
  package static let most = 1000
  private static let period = Duration.seconds(1)
  /// How much of each end of a datagram is compared, in bytes.
  private static let compared = 1024

  private let prefix: [UInt8]
  private var entries = [Entry](repeating: Entry(), count: 4096)

  /// - Parameter prefix: What answers begin with.
  package init(prefix: [UInt8] = []) { self.prefix = prefix }

  /// Counts a datagram that may be answered.
  package mutating func judge(_ bytes: Span<UInt8>, from peer: Address, at now: Deadline) -> Verdict {
    let key = key(of: bytes, from: peer)
    let index = key & (entries.count - 1)
    if entries[index].end <= now { entries[index].count = 0 }
    if entries[index].key != key {
      // One that is frequent keeps its place, whatever else has the same.
      entries[index].count -= 1
      guard entries[index].count <= 0 else { return .answered }
      entries[index] = Entry(key: key, count: 0, end: now)
    }
    if entries[index].count == 0 { entries[index].end = now + Self.period }
    entries[index].count += 1
    let count = entries[index].count
    return count <= Self.most ? .answered : count == Self.most + 1 ? .suspected : .dropped
  }

  private func key(of bytes: Span<UInt8>, from peer: Address) -> Int {
    var hasher = Hasher()
    hasher.combine(peer)
    if hasPrefix(bytes) { return hasher.finalize() }
    hasher.combine(bytes.count)
    Self.combine(bytes.extracting(first: Self.compared), into: &hasher)
    if bytes.count > Self.compared { Self.combine(bytes.extracting(last: Self.compared), into: &hasher) }
    return hasher.finalize()
  }

  private static func combine(_ bytes: Span<UInt8>, into hasher: inout Hasher) {
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }

  /// Whether the prefix is near the beginning, behind another server's prefix perhaps.
  private func hasPrefix(_ bytes: Span<UInt8>) -> Bool {
    guard !prefix.isEmpty, bytes.count >= prefix.count else { return false }
    return (0...min(bytes.count - prefix.count, Self.compared)).contains { start in
      prefix.indices.allSatisfy { bytes[start + $0] == prefix[$0] }
    }
  }
}
