// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing

/// What becomes of waits that fail.
@Suite(.timeLimit(.minutes(1)))
struct FailedWaitTests {
  /// A reactor with either queue, and what its wait is called.
  enum Queue: CaseIterable {
    case kernel
    case few

    fileprivate func reactor() throws(IOFailure) -> Reactor {
      switch self {
      case .kernel: try Reactor()
      case .few: Reactor.forFew()
      }
    }

    fileprivate var wait: String { self == .kernel ? "epoll_wait(" : "ppoll(" }
  }

  @Test(arguments: Queue.allCases, [Errno.interrupted, .noMemory])
  func `a wait that fails for a moment is made again, and loses nothing`(queue: Queue, code: Errno) throws {
    let reactor = try queue.reactor()
    let pipe = try Pipe()
    let watch = try Watch(pipe.input, for: .writable, in: reactor)
    let calls = FailingCalls(queue.wait, code, times: 2)
    #expect(try calls.during { try reactor.turn(until: .after(.seconds(30))) })
    #expect(calls.count == 2 && watch.take() == .writable)
  }

  @Test(arguments: Queue.allCases) func `a wait that would fail each time ends the turns`(queue: Queue) throws
  {
    let reactor = try queue.reactor()
    let pipe = try Pipe()
    let watch = try Watch(pipe.input, for: .writable, in: reactor)
    let calls = FailingCalls(queue.wait, .invalidArgument)
    #expect(throws: IOFailure(.wait, .invalidArgument)) {
      try calls.during { try reactor.turn() }
    }
    withExtendedLifetime(watch) {}
  }

  @Test func `a member for which the kernel has no memory is none, and can be added later`() throws {
    let reactor = try Reactor()
    let pipe = try Pipe()
    let watch = try Watch(pipe.input, for: nil, in: reactor)
    let calls = FailingCalls("epoll_ctl(", .noMemory)
    #expect(throws: IOFailure(.wait, .noMemory)) {
      try calls.during { try watch.watch(for: .writable) }
    }
    #expect(try !reactor.turn(until: .now) && watch.take() == [])
    try watch.watch(for: .writable)
    #expect(try reactor.turn(until: .after(.seconds(30))) && watch.take() == .writable)
  }

  @Test func `where there is no descriptor for a queue there is no reactor`() throws {
    let calls = FailingCalls("epoll_create1(", .tooManyOpenFiles)
    #expect(throws: IOFailure(.create("an event queue"), .tooManyOpenFiles)) {
      _ = try calls.during { try Reactor() }
    }
  }
}
