// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Testing

/// A watch reports what was ready since the last call, and stops when it is released.
struct WatchTests {
  private static let descriptor = FileDescriptor(rawValue: 100)

  private let queue = FakeQueue()
  private let reactor: Reactor

  init() { reactor = Reactor(waitingWith: queue) }

  @Test func `it says once what was ready`() throws {
    let watch = try Watch(Self.descriptor, for: .readable, in: reactor)
    queue.report(Self.descriptor)
    #expect(try reactor.turn())
    #expect(watch.take() == .readable)
    #expect(watch.take() == [])
  }

  @Test func `a turn ends at its deadline, with nothing ready`() throws {
    let watch = try Watch(Self.descriptor, for: .readable, in: reactor)
    #expect(try !reactor.turn(until: queue.moment(30)))
    #expect(watch.take() == [])
    #expect(queue.waits == [30])
  }

  @Test func `it watches for nothing while it is told so, and once it is released`() throws {
    var watch: Watch? = try Watch(Self.descriptor, for: .readable, in: reactor)
    #expect(queue.members[Self.descriptor] != nil)
    try watch?.watch(for: nil)
    #expect(queue.members[Self.descriptor] == nil)
    try watch?.watch(for: .writable)
    #expect(queue.members[Self.descriptor]?.interest == .writable)
    watch = nil
    #expect(queue.members[Self.descriptor] == nil)
  }
}
