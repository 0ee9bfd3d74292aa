// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization
import SystemPackage

/// Scans several hosts at the same time, and reports their ports in the order in which the hosts were given.
package struct HostScans: Sendable {
  private let scans: [PortScan]

  /// The maximum number of hosts that are scanned at the same time, each in its own thread, because a look-up cannot be
  /// cancelled.
  private static let mostAtATime = 64

  /// Prepares to run scans.
  package init(_ scans: [PortScan]) { self.scans = scans }

  /// Runs the scans.
  ///
  /// - Parameter report: Called with each port, as soon as the results of all ports before it are final.
  /// - Returns: Whether all ports of all hosts are open.
  /// - Throws: A local error of the system, or the error that `report` throws.
  package func run(report: PortScan.Report) throws(IOFailure) -> Bool {
    if scans.count == 1 { return try scans[0].run(report: report) }
    let board = try ScanBoard(count: scans.count)
    let threads = min(scans.count, Self.mostAtATime)
    for _ in 0..<threads {
      try Thread.start { [scans] in
        while let index = board.takeTask() {
          var scan = scans[index]
          scan.scansAtATime = threads
          board.finish(
            index, Result { () throws(IOFailure) in try scan.run { board.add($0, to: index) } })
        }
      }
    }
    var areOpen = true
    for index in scans.indices {
      while true {
        let (states, result) = board.takeResults(of: index)
        for state in states { try report(state) }
        if let result {
          areOpen = try result.get() && areOpen
          break
        }
        try board.wait()
      }
    }
    return areOpen
  }
}

/// The results of scans in several threads, for the one thread that reports them.
private final class ScanBoard: Sendable {
  private struct State {
    var nextTask = 0
    var found: [[PortState]]
    var results: [Result<Bool, IOFailure>?]
  }

  private let state: Guarded<State>
  private let wakeup: EventCounter

  /// - Throws: `EMFILE` and similar errors.
  init(count: Int) throws(IOFailure) {
    wakeup = try EventCounter()
    state = Guarded(
      State(found: Array(repeating: [], count: count), results: Array(repeating: nil, count: count)))
  }

  /// The next scan that no thread has taken; `nil` if none is left.
  func takeTask() -> Int? {
    state.withLock { state in
      guard state.nextTask < state.results.count else { return nil }
      state.nextTask += 1
      return state.nextTask - 1
    }
  }

  /// Adds the next port of a scan.
  func add(_ port: PortState, to index: Int) {
    state.withLock { $0.found[index].append(port) }
    wakeup.signal()
  }

  /// Notes that a scan has ended.
  func finish(_ index: Int, _ result: Result<Bool, IOFailure>) {
    state.withLock { $0.results[index] = result }
    wakeup.signal()
  }

  /// The new ports of a scan, and its result if it has ended.
  func takeResults(of index: Int) -> ([PortState], Result<Bool, IOFailure>?) {
    wakeup.reset()
    return state.withLock { state in
      defer { state.found[index] = [] }
      return (state.found[index], state.results[index])
    }
  }

  /// Waits for new results.
  func wait() throws(IOFailure) {
    try wakeup.descriptor.wait(for: .readable, until: .never)
  }
}
