// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Reactor
import Services
import SocketTestSupport
import Sockets
import Synchronization
import SystemPackage
import Testing
import Transport

/// What becomes of a server whose system lacks something.
@Suite(.timeLimit(.minutes(1)))
struct FailedAcceptTests {
  /// What a server reports.
  private final class Reports: Sendable {
    private let events = Guarded<[ServerEvent]>([])
    func add(_ event: ServerEvent) { events.withLock { $0.append(event) } }
    /// What was lacking.
    var shortages: [IOFailure] {
      events.withLock { $0.compactMap { if case .short(let error) = $0 { error } else { nil } } }
    }
    /// How connections ended.
    var endings: [Errno?] {
      events.withLock {
        $0.compactMap { event -> Errno?? in
          if case .closed(_, _, _, _, let error, _) = event { .some(error?.code) } else { nil }
        }
      }
    }
  }

  private let listeners: ListenerGroup
  private let reports = Reports()

  init() throws {
    let listener = try Listener.unique()
    let local = listener.local
    listeners = ListenerGroup([Bound(listener, at: local)])
  }

  private func acceptOne() throws(IOFailure) -> SoleClient {
    let policy = AccessPolicy(AccessControl()) { [reports] in reports.add($0) }
    return try listeners.acceptOne(policy, until: .after(.seconds(30)), or: try SignalQueue([]))
  }

  @Test(arguments: [
    Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory, .noBufferSpace, .connectionAbort,
    .notPermitted,
  ])
  func `accepting goes on after a pause, and what was lacking is reported once`(code: Errno) throws {
    let client = try Connector().connect(to: [listeners.local])
    let calls = FailingCalls("accept(", code, times: 3)
    let accepted = try calls.during { try acceptOne() }
    guard case .accepted = accepted else { return #expect(Bool(false), "nobody was accepted") }
    #expect(calls.count == 3)
    #expect(reports.shortages == [IOFailure(.accept(listeners.local), code)])
    withExtendedLifetime(client.descriptor) {}
  }

  @Test(arguments: [Errno.badFileDescriptor, .invalidArgument, .notSocket])
  func `a listener that is broken ends accepting`(code: Errno) throws {
    let client = try Connector().connect(to: [listeners.local])
    let calls = FailingCalls("accept(", code, times: .max)
    #expect(throws: IOFailure(.accept(listeners.local), code)) {
      try calls.during { _ = try acceptOne() }
    }
    #expect(calls.count == 1 && reports.shortages.isEmpty)
    withExtendedLifetime(client.descriptor) {}
  }

  @Test func `a receive that fails costs its own client alone`() throws {
    let (listeners, reports) = (listeners, reports)
    let sockets = try (0..<3).map { _ in SocketStream(try Connector().connect(to: [listeners.local])) }
    for socket in sockets {
      _ = try Transfer.send(to: socket.descriptor, from: [1].span)
      _ = try socket.finish()
    }
    let server = Guarded(
      Server(EchoService(), ServerSettings()) { event in
        reports.add(event)
        if reports.endings.count == 3 { pthread_kill(pthread_self(), SIGTERM) }
      })
    let isDone = try EventCounter()
    let result = Guarded<Result<Int, any Error>?>(nil)
    try Thread.start {
      let calls = FailingCalls("recv(", .connectionReset)
      let outcome = Result {
        try calls.during {
          let signals = try SignalQueue([SIGTERM])
          try server.withLock { try $0.run([listeners], until: signals) }
        }
        return calls.count
      }
      result.withLock { $0 = outcome }
      isDone.signal()
    }
    #expect(try !isDone.descriptor.wait(for: .readable, until: .after(.seconds(30))).isEmpty)
    #expect(try #require(result.withLock { $0 }).get() == 1)
    #expect(reports.endings.compactMap(\.self) == [.connectionReset])
    withExtendedLifetime(sockets) {}
  }
}
