// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Synchronization
import SystemPackage

/// The service manager that has started this process, which it informs by the protocol of sd_notify(3).
package final class ServiceManager: Sendable {
  /// A state of the service.
  package enum State: Equatable, Sendable {
    /// The sockets are open: clients can connect.
    case ready
    /// The configuration is read again; `ready` follows.
    case reloading
    /// The end has begun.
    case stopping
    /// The loop of the service turns.
    case alive
    /// The number of connections.
    case serving(connections: Int)
  }

  private let address: Address
  /// The socket of all reports; `nil` if the service manager did not listen.
  private let socket: Descriptor?
  /// The process that reports; child processes, which serve single connections, do not.
  private let process: Int32
  /// The time within which the service manager expects to be told that the service is alive; `nil` if it does not.
  private let interval: Duration?
  private let hasStopped = Atomic(false)

  /// The longest wait for room in the queue of the service manager.
  private static let patience = Duration.seconds(1)

  /// The service manager of this process; `nil` if there is none that listens.
  package static let current = ServiceManager(process: getpid(), ProcessEnvironment.value)

  /// Reads `NOTIFY_SOCKET`, a path, or `@` and a name in the abstract namespace, and `WATCHDOG_USEC` and `WATCHDOG_PID`.
  /// `nil` if the first is anything else.
  ///
  /// - Parameters:
  ///   - process: The ID of this process. Without `WATCHDOG_PID` it is the one that is watched.
  ///   - value: The value of a variable; `nil` if it is not set.
  package init?(process: Int32, _ value: (String) -> String?) {
    guard let path = value("NOTIFY_SOCKET"), path.hasPrefix("/") || path.hasPrefix("@"), path.count > 1 else {
      return nil
    }
    address = Address(unixPath: path)
    socket = try? Self.socket(to: address)
    self.process = process
    let isWatched = value("WATCHDOG_PID").map { Int32($0) == process } ?? true
    let microseconds = value("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
    interval = isWatched && microseconds > 0 ? .microseconds(microseconds) : nil
  }

  /// The time within which this process has to report that it is alive; `nil` if it need not.
  package var watchdogInterval: Duration? { getpid() == process ? interval : nil }

  /// Reports a state; after `stopping` only `alive`. A failure is ignored, as the protocol requires: the service runs with
  /// or without a service manager.
  package func report(_ state: State) {
    guard getpid() == process, state == .alive || !hasStopped.load(ordering: .relaxed) else { return }
    if state == .stopping { hasStopped.store(true, ordering: .relaxed) }
    try? send(Self.message(state, at: .now))
  }

  /// The lines of a message.
  ///
  /// - Parameter now: The current time, by which the service manager tells a reload from an earlier one.
  package static func message(_ state: State, at now: Deadline) -> String {
    switch state {
    case .ready: "READY=1"
    case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(now.microseconds)"
    case .stopping: "STOPPING=1"
    case .alive: "WATCHDOG=1"
    case .serving(1): "STATUS=1 connection"
    case .serving(let count): "STATUS=\(count) connections"
    }
  }

  private func send(_ message: String) throws(IOFailure) {
    let number: FileDescriptor
    switch socket {
    case .some(let socket): number = socket.number
    case nil: return
    }
    let bytes = Array(message.utf8)
    let end = Deadline.after(Self.patience)
    while true {
      let transfer = try attempting(.sendDatagram(to: address)) { () throws(Errno) in
        try Transfer.send(to: number, from: bytes.span)
      }
      guard case .wouldBlock = transfer, try !number.wait(for: .writable, until: end).isEmpty else {
        return
      }
    }
  }

  /// Opens the socket of all reports, since the process may not be able to do so later. The service manager keeps its own
  /// while it is restarted.
  private static func socket(to address: Address) throws(IOFailure) -> Descriptor {
    let socket = try Descriptor.socket(.unix, type: Platform.datagramSocket)
    try attempting(.sendDatagram(to: address)) { () throws(Errno) in try socket.connect(to: address) }
    return socket
  }
}
