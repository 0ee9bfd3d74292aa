// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Testing

/// The queue for a few members, with the kernel's own `ppoll`.
struct PollQueueTests {
  private let reactor = Reactor.forFew()

  @Test func `the ends of a pipe are reported to their own members`() throws {
    let pipe = try Pipe()
    let (reading, writing) = (
      try Watch(pipe.output, for: .readable, in: reactor), try Watch(pipe.input, for: .writable, in: reactor)
    )
    #expect(try reactor.turn())
    #expect((reading.take(), writing.take()) == ([], .writable))
    _ = try Transfer.write(to: pipe.input, from: [1].span)
    try writing.watch(for: nil)
    #expect(try reactor.turn())
    #expect((reading.take(), writing.take()) == (.readable, []))
  }

  @Test func `two members of one descriptor are told apart, also when one has left`() throws {
    let pipe = try Pipe()
    var first: Watch? = try Watch(pipe.input, for: .writable, in: reactor)
    let second = try Watch(pipe.input, for: nil, in: reactor)
    #expect(try reactor.turn())
    #expect((first?.take(), second.take()) == (.writable, []))
    try second.watch(for: .writable)
    first = nil
    #expect(try reactor.turn())
    #expect(second.take() == .writable)
  }

  @Test func `a file is always ready`() throws {
    let file = try Descriptor.opened("/etc/hostname")
    let watch = try Watch(file.number, for: .readable, in: reactor)
    #expect(try reactor.turn())
    #expect(watch.take() == .readable)
  }

  @Test func `a member whose descriptor is closed next is removed`() throws {
    let pipe = try Pipe()
    var isCalled = false
    var registration: Registration? = try reactor.register(pipe.input, for: .writable) { _ in isCalled = true
    }
    registration?.closesNext()
    registration = nil
    #expect(try !reactor.turn(until: .now))
    #expect(!isCalled)
  }
}
