// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Ends a loop of two servers that answer each other's answers, which a single datagram with a forged source can start.
///
/// In a loop the same datagram comes back from the same peer at the full rate of the network or, if answers have a
/// prefix, a datagram that already contains the prefix. A client may send such datagrams too, but not as many: if one
/// arrives more than `most` times within a second, it is not answered. That ends a loop for good; a client gets no
/// answers for the rest of the second. Memory is bounded, because peers and datagrams share a table by their hashes.
package struct LoopGuard {
  private struct Entry {
    var key = 0
    var count = 0
    var end = Deadline.now
  }

  /// The verdict on a datagram.
  package enum Verdict: Equatable, Sendable {
    /// It is answered.
    case answered
    /// It is the first one in its second that is not answered.
    case suspected
    /// It is a further one that is not answered.
    case dropped
  }

  /// The maximum number of equal datagrams that are answered within the period.
  package static let most = 1000
  private static let period = Duration.seconds(1)
  /// The number of bytes that are compared at each end of a datagram.
  private static let compared = 1024

  private let prefix: [UInt8]
  private var entries = [Entry](repeating: Entry(), count: 4096)

  /// - Parameter prefix: The prefix of answers.
  package init(prefix: [UInt8] = []) { self.prefix = prefix }

  /// Counts a datagram that may be answered.
  package mutating func judge(_ bytes: Span<UInt8>, from peer: Address, at now: Deadline) -> Verdict {
    let key = key(of: bytes, from: peer)
    let index = key & (entries.count - 1)
    if entries[index].end <= now { entries[index].count = 0 }
    if entries[index].key != key {
      // A frequent datagram keeps its entry, whatever else hashes to it.
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

  /// Whether the prefix is near the start, possibly after another server's prefix.
  private func hasPrefix(_ bytes: Span<UInt8>) -> Bool {
    guard !prefix.isEmpty, bytes.count >= prefix.count else { return false }
    return (0...min(bytes.count - prefix.count, Self.compared)).contains { start in
      prefix.indices.allSatisfy { bytes[start + $0] == prefix[$0] }
    }
  }
}
