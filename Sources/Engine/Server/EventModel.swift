// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import Synchronization
import SystemPackage

/// Serves connections with event loops, each in its own thread with its own listeners.
struct EventModel<Loop: ServingLoop> {
  /// Creates a loop for listeners.
  typealias Making = @Sendable (ListenerGroup, ConnectionLimit) throws(IOFailure) -> Loop

  private let limit: Int
  private let isOfDescriptors: Bool
  private let policy: AccessPolicy
  private let make: Making

  /// - Parameters:
  ///   - limit: The maximum number of connections, over all loops.
  ///   - isOfDescriptors: Whether the limit follows from the available descriptors rather than from an option.
  ///   - policy: The peers that may connect, which a signal may change.
  init(
    limit: Int, isOfDescriptors: Bool = false, _ policy: AccessPolicy, _ make: @escaping Making
  ) {
    self.limit = limit
    self.isOfDescriptors = isOfDescriptors
    self.policy = policy
    self.make = make
  }

  /// The state that the loops report to the main thread.
  private final class Outcome: Sendable {
    let running: Guarded<Int>
    let failure = Guarded<IOFailure?>(nil)
    init(loops: Int) { running = Guarded(loops) }
  }

  /// Serves until a signal has arrived and the loops have ended.
  func run(
    _ groups: [ListenerGroup], _ sideline: (any AuxiliarySource)?, until signals: borrowing SignalQueue
  ) throws(IOFailure) {
    if groups.count == 1 {
      try runHere(groups[0], sideline, until: signals)
    } else {
      try runInThreads(groups, sideline, until: signals)
    }
  }

  /// Runs the only loop in the main thread: system calls are cheaper in a process with a single thread.
  private func runHere(
    _ listeners: ListenerGroup, _ sideline: (any AuxiliarySource)?, until signals: borrowing SignalQueue
  ) throws(IOFailure) {
    let loop = try make(listeners, ConnectionLimit(limit, isOfDescriptors: isOfDescriptors))
    defer { loop.endAll() }
    let watchdog = Watchdog(in: loop.reactor)
    defer { withExtendedLifetime(watchdog) {} }
    var isSignalled = false
    let signalWatch = try loop.reactor.register(signals.descriptor, for: .readable) { _ in
      isSignalled = true
    }
    var sidelineWatches: [Registration] = []
    for descriptor in sideline?.descriptors ?? [] {
      sidelineWatches.append(
        try loop.reactor.register(descriptor, for: .readable) { (_) throws(IOFailure) in
          try sideline?.attend()
        })
    }
    var stops = StopRequests()
    try loop.reactor.run { () throws(IOFailure) in
      // Before a client that connects at the same time is accepted.
      guard isSignalled else { return }
      isSignalled = false
      switch stops.take(from: signals, for: policy) {
      case .goOn: break
      case .finish:
        sidelineWatches = []
        loop.stop()
      case .end: loop.reactor.stop()
      }
    }
    withExtendedLifetime((signalWatch, sidelineWatches)) {}
    if let failure = loop.failure { throw failure }
  }

  private func runInThreads(
    _ groups: [ListenerGroup], _ sideline: (any AuxiliarySource)?, until signals: borrowing SignalQueue
  ) throws(IOFailure) {
    let (stop, cut, ended) = (try EventCounter(), try EventCounter(), try EventCounter())
    let outcome = Outcome(loops: groups.count)
    let shared = ConnectionLimit(limit, loops: groups.count, isOfDescriptors: isOfDescriptors)
    for listeners in groups {
      let make = make
      try Thread.start {
        do throws(IOFailure) {
          let loop = try make(listeners, shared)
          defer { loop.endAll() }
          var stopWatch: Registration?
          stopWatch = try loop.reactor.register(stop.descriptor, for: .readable) { _ in
            stopWatch = nil
            loop.stop()
          }
          let cutWatch = try loop.reactor.register(cut.descriptor, for: .readable) { _ in
            loop.reactor.stop()
          }
          try loop.reactor.run()
          withExtendedLifetime((stopWatch, cutWatch)) {}
          if let failure = loop.failure { throw failure }
        } catch {
          outcome.failure.withLock { $0 = error }
        }
        outcome.running.withLock { $0 -= 1 }
        ended.signal()
      }
    }
    let reactor = Reactor.forFew()
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    let watches = try [signals.descriptor, ended.descriptor].map { (descriptor) throws(IOFailure) in
      try Watch(descriptor, for: .readable, in: reactor)
    }
    let sidelineWatches = try (sideline?.descriptors ?? []).map { (descriptor) throws(IOFailure) in
      try Watch(descriptor, for: .readable, in: reactor)
    }
    var stops = StopRequests()
    while outcome.running.withLock({ $0 > 0 }) {
      try reactor.turn()
      ended.reset()
      switch stops.take(from: signals, for: policy) {
      case .goOn: break
      case .finish:
        for watch in sidelineWatches { try watch.watch(for: nil) }
        stop.signal()
      // Each loop ends its own connections: those that the system closes with the process would seem to end in order.
      case .end: cut.signal()
      }
      let isSidelineReady = sidelineWatches.reduce(false) { !$1.take().isEmpty || $0 }
      if isSidelineReady, !stops.isAny { try sideline?.attend() }
      if outcome.failure.withLock({ $0 != nil }) { cut.signal() }
    }
    withExtendedLifetime(watches) {}
    if let failure = outcome.failure.withLock({ $0 }) { throw failure }
  }
}

/// Serves connections in one thread, with a reactor that its owner can use for other descriptors.
protocol ServingLoop: AnyObject, SendableMetatype {
  /// The reactor. It is stopped once nothing is left to serve.
  var reactor: Reactor { get }
  /// Stops accepting; open connections may finish within the grace period.
  func stop()
  /// Ends the remaining connections.
  func endAll()
  /// The error that keeps the loop from serving, if any; its reactor then stops.
  var failure: IOFailure? { get }
}

extension ServingLoop {
  /// Always `nil`: an error of one connection does not affect others.
  var failure: IOFailure? { nil }
}
