// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// Attempts to connect to several addresses of one host, of which the first to succeed wins.
struct ConnectionRace: ~Copyable {
  private var waiting: ArraySlice<Address>
  private var attempts: [ConnectionAttempt] = []
  private var nextStart = Deadline.now
  private let deadline: Deadline
  private let attemptFailed: (SystemError) -> Void
  /// Made once there is something to wait for, so that a trace begins with the socket.
  private var queue: EventQueue?

  /// The Connection Attempt Delay of RFC 8305 section 5.
  private static let attemptDelay = Duration.milliseconds(250)

  /// Prepares a race among addresses, in the order to try them.
  ///
  /// - Parameter attemptFailed: Told of an attempt that failed while others are still to be made.
  init(
    among addresses: [Address], until deadline: Deadline, attemptFailed: @escaping (SystemError) -> Void
  ) {
    waiting = addresses[...]
    self.deadline = deadline
    self.attemptFailed = attemptFailed
  }

  /// Starts the next attempt if it is due, and waits until something happens to one of them.
  ///
  /// - Returns: The connection of the winner, or `nil` if there is none yet.
  /// - Throws: The last reason, once all have failed.
  mutating func advance(
    start: (Address) throws(SystemError) -> ConnectionAttempt
  ) throws(SystemError) -> StreamSocket? {
    if let address = waiting.first, attempts.isEmpty || nextStart.hasPassed {
      waiting.removeFirst()
      nextStart = .after(Self.attemptDelay)
      do {
        let attempt = try start(address)
        if attempt.isConnected { return try attempt.takeSocket() }
        try watch(attempt)
      } catch {
        try giveUp(because: error)
        return nil
      }
    }
    let wake = waiting.isEmpty ? deadline : min(deadline, nextStart)
    for event in try queue?.wait(until: wake) ?? [] {
      guard let index = attempts.firstIndex(where: { $0.number == event.descriptor }) else { continue }
      do {
        try attempts[index].advance()
        if attempts[index].isConnected { return try attempts[index].takeSocket() }
      } catch {
        attempts.remove(at: index)
        nextStart = .now
        try giveUp(because: error)
      }
    }
    return nil
  }

  private mutating func watch(_ attempt: ConnectionAttempt) throws(SystemError) {
    if queue == nil { queue = try EventQueue() }
    try queue?.add(attempt.number, for: .writable)
    attempts.append(attempt)
  }

  private func giveUp(because error: SystemError) throws(SystemError) {
    if attempts.isEmpty && waiting.isEmpty { throw error }
    attemptFailed(error)
  }
}
