// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// The readiness of a descriptor.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: CShort

  /// Creates a set from the events of a `pollfd`.
  package init(rawValue: CShort) { self.rawValue = rawValue }

  /// Bytes, a connection or end-of-stream can be read.
  package static let readable = Readiness(rawValue: CShort(POLLIN))
  /// Bytes can be written.
  package static let writable = Readiness(rawValue: CShort(POLLOUT))
  /// The peer has closed the connection, or the other end of the pipe is closed; always reported.
  package static let hungUp = Readiness(rawValue: CShort(POLLHUP))
  /// An error is pending; always reported.
  package static let failed = Readiness(rawValue: CShort(POLLERR))

  /// Whether a read would return at once: with bytes, end-of-stream, or an error.
  package var allowsRead: Bool { rawValue & Self.readEvents != 0 }
  /// Whether a write would return at once, possibly with an error.
  package var allowsWrite: Bool { rawValue & Self.writeEvents != 0 }
  /// Whether the other end is closed, or an error is pending.
  package var hasBroken: Bool { rawValue & Self.breaks != 0 }

  private static let breaks = CShort(POLLHUP | POLLERR)
  private static let readEvents = CShort(POLLIN) | breaks
  private static let writeEvents = CShort(POLLOUT) | breaks

  // These are the operations of any option set. They are written out because the generic ones are not specialised for
  // other modules and are many times slower.

  /// The empty set.
  package init() { rawValue = 0 }
  /// The set of some elements.
  package init(arrayLiteral elements: Readiness...) {
    var bits: CShort = 0
    for element in elements { bits |= element.rawValue }
    rawValue = bits
  }
  /// Whether the set is empty.
  package var isEmpty: Bool { rawValue == 0 }
  /// Whether the set contains all elements of another set.
  package func contains(_ other: Readiness) -> Bool { rawValue & other.rawValue == other.rawValue }
  /// The elements of this set and another.
  package func union(_ other: Readiness) -> Readiness { Readiness(rawValue: rawValue | other.rawValue) }
  /// Adds the elements of another set.
  package mutating func formUnion(_ other: Readiness) { self = union(other) }
}

/// A small set of descriptors of any kind, including regular files, to wait for together: `ppoll(2)`, which is `poll`
/// with a finer clock.
///
/// It fits small sets that change between waits, because a change costs no system call; `EventQueue` fits large and
/// stable sets.
package struct PollSet {
  private var entries: [pollfd] = []

  /// Creates a set without descriptors.
  package init() {}

  /// The number of descriptors watched.
  package var count: Int { entries.count }

  /// Appends a descriptor to the set; an empty interest still reports hang-ups and errors.
  package mutating func add(_ descriptor: FileDescriptor, for interest: Readiness) {
    entries.append(pollfd(fd: descriptor.rawValue, events: interest.rawValue, revents: 0))
  }

  /// Changes the interest in the descriptor at an index.
  package mutating func change(_ index: Int, to interest: Readiness) {
    entries[index].events = interest.rawValue
  }

  /// Stops watching the descriptor at an index; those after it move up by one.
  package mutating func remove(_ index: Int) { entries.remove(at: index) }

  /// The readiness of the descriptor at an index in the last wait.
  package func readiness(_ index: Int) -> Readiness { Readiness(rawValue: entries[index].revents) }

  /// The readiness of a watched descriptor in the last wait.
  package func readiness(of descriptor: FileDescriptor) -> Readiness {
    var all: Readiness = []
    for entry in entries where entry.fd == descriptor.rawValue {
      all.formUnion(Readiness(rawValue: entry.revents))
    }
    return all
  }

  /// Waits until a descriptor is ready or the deadline has passed.
  ///
  /// - Returns: Whether any is ready; `false` if the deadline has passed. A signal handler that runs does not end the
  ///   wait.
  package mutating func wait(until deadline: Deadline) throws(IOFailure) -> Bool {
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
  /// Waits for this descriptor alone, until it is ready or the deadline has passed: `ppoll(2)`.
  ///
  /// - Returns: What it is ready for; empty if the deadline has passed.
  @discardableResult
  package func wait(for interest: Readiness, until deadline: Deadline) throws(IOFailure) -> Readiness {
    var alone = PollSet()
    alone.add(self, for: interest)
    _ = try alone.wait(until: deadline)
    return alone.readiness(0)
  }
}

/// The recovery from a failed wait.
enum FailedWait {
  /// The pause before a wait that failed for lack of memory is repeated.
  private static let pause = Duration.milliseconds(20)

  /// Returns when the wait can be repeated: at once after a signal, after a pause for a transient error.
  ///
  /// - Throws: A permanent error, which would occur each time.
  static func recover(from code: Errno, until deadline: Deadline) throws(IOFailure) {
    guard code != .interrupted else { return }
    guard !code.isPermanent else { throw IOFailure(.wait, code) }
    min(deadline, .after(pause)).sleep()
  }
}
