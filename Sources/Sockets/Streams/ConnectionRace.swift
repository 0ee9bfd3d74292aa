// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// Attempts to connect to several addresses of one host; the first to succeed wins.
///
/// It does not wait itself: the owner waits for its descriptors, possibly together with others.
package struct ConnectionRace: ~Copyable {
  private let connector: Connector
  private var waiting: ArraySlice<Address>
  private var attempts: [ConnectionAttempt] = []
  private var nextStart = Deadline.now
  private let first: Address
  private let deadline: Deadline
  private let mayBlock: Bool

  /// The Connection Attempt Delay of RFC 8305 section 5.
  private static let attemptDelay = Duration.milliseconds(250)

  /// Starts to watch a descriptor for writability; `advance(_:)` must be called with it once it is writable.
  package typealias Watch = (FileDescriptor) throws(IOFailure) -> Void

  /// Prepares a race among the candidates of a connector, at least one, in the order to try them.
  ///
  /// - Parameter mayBlock: Whether a Unix `connect` may wait for room in the backlog; if not, it fails with `EAGAIN`.
  package init(
    among candidates: [Address], by connector: Connector, until deadline: Deadline, mayBlock: Bool = true
  ) {
    self.connector = connector
    self.deadline = deadline
    self.mayBlock = mayBlock
    first = candidates[0]
    waiting = candidates[...]
  }

  /// When `proceed` must be called even if no descriptor is ready.
  package var wake: Deadline {
    attempts.reduce(waiting.isEmpty ? deadline : min(deadline, nextStart)) { min($0, $1.deadline) }
  }

  /// Whether a descriptor belongs to an attempt that is still in progress.
  package func isUnderWay(_ descriptor: FileDescriptor) -> Bool {
    attempts.contains { $0.descriptor == descriptor }
  }

  /// Gives up the attempts whose time is over, and starts those that are due.
  ///
  /// - Returns: The connection of the winner, or `nil` if there is none yet.
  /// - Throws: The last failure, once all attempts have failed, or a time-out.
  package mutating func proceed(watch: Watch) throws(ConnectionError) -> StreamSocket? {
    try giveUpLate()
    do {
      while let address = waiting.first, attempts.isEmpty || nextStart.hasPassed, !deadline.hasPassed {
        waiting.removeFirst()
        nextStart = .after(Self.attemptDelay)
        do {
          let attempt = try connector.attempt(
            at: address, until: connector.attemptEnd(before: deadline), mayBlock: mayBlock)
          if attempt.isConnected { return try take(attempt) }
          try watch(attempt.descriptor)
          attempts.append(attempt)
        } catch {
          try giveUp(because: error)
        }
      }
    } catch {
      throw judge(error)
    }
    if deadline.hasPassed { throw .timedOut(first) }
    return nil
  }

  /// Checks the state of an attempt whose descriptor was ready.
  ///
  /// - Returns: The connection of the winner, or `nil` if there is none yet.
  /// - Throws: The last failure, once all attempts have failed.
  package mutating func advance(_ descriptor: FileDescriptor) throws(ConnectionError) -> StreamSocket? {
    guard let index = attempts.firstIndex(where: { $0.descriptor == descriptor }) else { return nil }
    do {
      do {
        try attempts[index].advance()
        return attempts[index].isConnected ? try take(attempts[index]) : nil
      } catch {
        attempts.remove(at: index)
        try giveUp(because: error)
        return nil
      }
    } catch {
      throw judge(error)
    }
  }

  private func take(_ attempt: ConnectionAttempt) throws(IOFailure) -> StreamSocket {
    try attempt.takeSocket(connector.settings, isUnfinished: !connector.closesInOrder)
  }

  /// Gives up the attempts whose time is over.
  ///
  /// - Throws: A time-out, if no other address is left.
  private mutating func giveUpLate() throws(ConnectionError) {
    guard connector.attemptLimit != nil else { return }
    while let index = attempts.firstIndex(where: { $0.deadline.hasPassed }) {
      let address = attempts.remove(at: index).address
      guard (try? giveUp(because: IOFailure(.connect(address), .timedOut))) != nil else {
        throw .timedOut(address)
      }
    }
  }

  private mutating func giveUp(because error: IOFailure) throws(IOFailure) {
    if attempts.isEmpty && waiting.isEmpty { throw error }
    nextStart = .now
    connector.attemptFailed(error)
  }

  /// Converts an error; the `EAGAIN` of a blocking Unix `connect` means a time-out.
  private func judge(_ error: IOFailure) -> ConnectionError {
    mayBlock && error == IOFailure(.connect(first), .wouldBlock) ? .timedOut(first) : .failed(error)
  }
}

/// The reason why no connection was established.
package enum ConnectionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A call failed; for several addresses, the call for the last one.
  case failed(IOFailure)
  /// No address answered in time; the first address is named.
  case timedOut(Address)
  /// No address has the family of the source address; the first address is named.
  case noAddressInFamily(of: IPAddress, Address)

  /// Whether the time ran out before an address answered.
  package var isTimeOut: Bool {
    if case .timedOut = self { true } else { false }
  }

  /// `connect to 192.0.2.1:80: timed out`.
  package var description: String {
    switch self {
    case .failed(let error): "\(error)"
    case .timedOut(let address): "connect to \(address): timed out"
    case .noAddressInFamily(let source, let address):
      "connect to \(address) from \(source): \(source) is \(source.family.title), \(address.host) is \(address.family.title)"
    }
  }
}
