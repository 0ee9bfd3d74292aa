// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: CShort

  /// Creates a set from the events of a `pollfd`.
  package init(rawValue: CShort) { self.rawValue = rawValue }

  /// Bytes, a connection or the end of the stream can be read.
  package static let readable = Readiness(rawValue: CShort(POLLIN))
  /// Bytes can be written.
  package static let writable = Readiness(rawValue: CShort(POLLOUT))
  /// The other side is gone, or nobody holds the other end of the pipe; always watched for.
  package static let hungUp = Readiness(rawValue: CShort(POLLHUP))
  /// An error is pending; always watched for.
  package static let failed = Readiness(rawValue: CShort(POLLERR))

  /// Whether a read would return at once: with bytes, the end, or an error.
  package var allowsRead: Bool { rawValue & Self.readEvents != 0 }
  /// Whether a write would return at once, possibly with an error.
  package var allowsWrite: Bool { rawValue & Self.writeEvents != 0 }
  /// Whether the other side is gone, or an error is pending.
  package var hasBroken: Bool { rawValue & Self.breaks != 0 }

  private static let breaks = CShort(POLLHUP | POLLERR)
  private static let readEvents = CShort(POLLIN) | breaks
  private static let writeEvents = CShort(POLLOUT) | breaks

  // What follows is that of any set. It is written out because the generic operations, which take many times as long, are
  // not specialised for other modules.

  /// Nothing.
  package init() { rawValue = 0 }
  /// All of some elements.
  package init(arrayLiteral elements: Readiness...) {
    var bits: CShort = 0
    for element in elements { bits |= element.rawValue }
    rawValue = bits
  }
  /// Whether there is nothing in it.
  package var isEmpty: Bool { rawValue == 0 }
  /// Whether all of another set is in it.
  package func contains(_ other: Readiness) -> Bool { rawValue & other.rawValue == other.rawValue }
  /// What is in it or in another set.
  package func union(_ other: Readiness) -> Readiness { Readiness(rawValue: rawValue | other.rawValue) }
  /// Adds what is in another set.
  package mutating func formUnion(_ other: Readiness) { self = union(other) }
}

/// A few descriptors of any kind, regular files among them, to wait for together: `ppoll(2)`, which is `poll`
/// with a finer clock.
///
/// It fits sets that are small and change from wait to wait, which costs no system call; `EventQueue` fits large and steady
/// ones.
package struct PollSet {
  private var entries: [pollfd] = []

  /// Creates a set without descriptors.
  package init() {}

  /// How many descriptors are watched.
  package var count: Int { entries.count }

  /// Watches one more descriptor, the last; an empty interest still reports hang-ups and errors.
  package mutating func add(_ descriptor: FileDescriptor, for interest: Readiness) {
    entries.append(pollfd(fd: descriptor.rawValue, events: interest.rawValue, revents: 0))
  }

  /// Watches the descriptor at an index for something else.
  package mutating func change(_ index: Int, to interest: Readiness) {
    entries[index].events = interest.rawValue
  }

  /// Watches the descriptor at an index no longer; those behind it move up.
  package mutating func remove(_ index: Int) { entries.remove(at: index) }

  /// What the descriptor at an index turned out to be ready for in the last wait.
  package func readiness(_ index: Int) -> Readiness { Readiness(rawValue: entries[index].revents) }

  /// What a watched descriptor turned out to be ready for in the last wait.
  package func readiness(of descriptor: FileDescriptor) -> Readiness {
    var all: Readiness = []
    for entry in entries where entry.fd == descriptor.rawValue {
      all.formUnion(Readiness(rawValue: entry.revents))
    }
    return all
  }

  /// Waits until a descriptor is ready or the deadline has come.
  ///
  /// - Returns: Whether any is ready; `false` is the deadline. A signal handler's run does not end the wait.
  package mutating func wait(until deadline: Deadline) throws(SystemError) -> Bool {
    while true {
      let timeout = deadline.nanosecondsLeft
      do {
        let count = try systemCall(
          "ppoll(\(description), \(entries.count), \(Self.timespec(timeout)), NULL)", note: outcome,
          retrying: false
        ) {
          unsafe csockkit_poll(&entries, nfds_t(entries.count), timeout)
        }
        if count > 0 { return true }
        if deadline.hasPassed { return false }
      } catch {
        try FailedWait.recover(from: error, until: deadline)
        if error != .interrupted, deadline.hasPassed { return false }
      }
    }
  }

  private var description: String {
    let items = entries.map { "{\($0.fd), \(Self.names(of: $0.events))}" }
    return "[\(items.joined(separator: ", "))]"
  }

  private static func timespec(_ nanoseconds: Int64) -> String {
    nanoseconds < 0 ? "NULL" : "{\(nanoseconds / 1_000_000_000), \(nanoseconds % 1_000_000_000)}"
  }

  private var outcome: String {
    let ready = entries.filter { $0.revents != 0 }.map { " {\($0.fd), \(Self.names(of: $0.revents))}" }
    return ready.joined(separator: ",")
  }

  private static func names(of events: CShort) -> String {
    let all = [
      (POLLIN, "POLLIN"), (POLLOUT, "POLLOUT"), (POLLERR, "POLLERR"), (POLLHUP, "POLLHUP"),
      (POLLNVAL, "POLLNVAL"),
    ]
    let names = all.filter { events & CShort($0.0) != 0 }.map(\.1)
    return names.isEmpty ? "0" : names.joined(separator: "|")
  }
}

extension FileDescriptor {
  /// Waits for this descriptor alone, until it is ready for something or the deadline has come: `ppoll(2)`.
  ///
  /// - Returns: What it is ready for; nothing when the deadline has come.
  @discardableResult
  package func wait(for interest: Readiness, until deadline: Deadline) throws(SystemError) -> Readiness {
    var alone = PollSet()
    alone.add(self, for: interest)
    _ = try alone.wait(until: deadline)
    return alone.readiness(0)
  }
}
