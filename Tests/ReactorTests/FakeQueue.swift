// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// A queue and a clock that the test controls: a wait returns the next events, or advances the clock at once.
final class FakeQueue: ReadinessQueue {
  /// A watched descriptor.
  struct Member: Equatable {
    let interest: Readiness
    let datum: UInt64
  }

  /// The time at which a test begins.
  let start = Deadline.now
  private(set) lazy var now = start
  /// The watched descriptors.
  private(set) var members: [FileDescriptor: Member] = [:]
  /// The deadlines of the waits so far, in milliseconds from the start; `nil` for none.
  private(set) var waits: [Int?] = []
  /// The results of the waits to come.
  private var ready: [[EventQueue.Event]] = []
  /// The error of the next call that adds or changes a member.
  var failure: Errno?
  /// The descriptors that are always ready, as regular files are.
  var files: Set<FileDescriptor> = []
  let isClearedByClosing = true

  func add(_ member: FileDescriptor, for interest: Readiness, datum: UInt64) throws(IOFailure) {
    try fail()
    guard !files.contains(member) else { throw IOFailure(.wait, .notPermitted) }
    members[member] = Member(interest: interest, datum: datum)
  }

  func change(_ member: FileDescriptor, to interest: Readiness, datum: UInt64) throws(IOFailure) {
    try fail()
    members[member] = Member(interest: interest, datum: datum)
  }

  func remove(_ member: FileDescriptor, datum _: UInt64) { members[member] = nil }

  func wait(until deadline: Deadline) -> [EventQueue.Event] {
    waits.append(deadline == .never ? nil : milliseconds(deadline))
    if !ready.isEmpty { return ready.removeFirst() }
    if deadline > now, deadline != .never { now = deadline }
    return []
  }

  private func fail() throws(IOFailure) {
    guard let code = failure.take() else { return }
    throw IOFailure(.wait, code)
  }

  private func milliseconds(_ deadline: Deadline) -> Int {
    Int(start.nanoseconds(until: deadline) / 1_000_000)
  }

  /// The time a number of milliseconds after the start.
  func moment(_ milliseconds: Int) -> Deadline { start + .milliseconds(milliseconds) }

  /// Makes the next wait report descriptors as ready for what they are watched for.
  func report(_ descriptors: FileDescriptor...) {
    ready.append(
      descriptors.compactMap { descriptor in
        members[descriptor].map { EventQueue.Event(datum: $0.datum, readiness: $0.interest) }
      })
  }
}
