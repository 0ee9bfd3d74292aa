// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// A forwarded connection with its registrations in a loop: its two sockets, the attempts to connect to the target, and
/// its deadline.
final class ForwardMember: ReactorHandler, ListMember {
  /// The connection.
  let connection: ForwardedConnection
  /// The index among the members of the loop.
  var index: Int?
  /// Whether it waits for another turn.
  var isQueued = false
  private unowned let loop: ForwardLoop
  private var client: Registration?
  private var target: Registration?
  private var attempts: [(descriptor: FileDescriptor, registration: Registration)] = []

  /// Adds a client whose socket is not watched yet.
  ///
  /// - Throws: Nothing, because nothing is watched yet.
  init(_ connection: ForwardedConnection, of loop: ForwardLoop) throws(IOFailure) {
    self.connection = connection
    self.loop = loop
    client = try watch(connection.clientDescriptor, for: nil)
  }

  func handle(_ event: Reactor.Event) {
    if event.readiness.isEmpty {
      loop.deadlinePassed(self, at: event.now)
    } else if event.descriptor == connection.clientDescriptor {
      loop.proceed(self, .client, event.readiness, at: event.now)
    } else if event.descriptor == connection.targetDescriptor {
      loop.proceed(self, .target, event.readiness, at: event.now)
    } else if let attempt = event.descriptor {
      loop.dial(self) { $0.proceed(attempt, watch: $1) }
    }
  }

  // MARK: Connecting to the target

  /// Watches for the outcome of an attempt.
  func addAttempt(_ descriptor: FileDescriptor) throws(IOFailure) {
    // A failed attempt is already closed, and its descriptor number may be reused.
    attempts.removeAll { $0.descriptor == descriptor }
    attempts.append((descriptor, try watch(descriptor, for: .writable)))
  }

  /// Notes that the connection to the target is open, possibly as the result of an attempt; the other attempts are no
  /// longer watched.
  func openTarget(_ descriptor: FileDescriptor) throws(IOFailure) {
    let attempt = attempts.first { $0.descriptor == descriptor }
    attempts = []
    if let attempt { target = attempt.registration } else { target = try watch(descriptor, for: nil) }
  }

  /// Watches the connection to the target while the handshake over it lasts.
  func watchTarget(for interest: Readiness) throws(IOFailure) { try target?.watch(for: interest) }

  /// Stops watching the attempts and the connection to the target, which has failed.
  func closeTarget() { (target, attempts) = (nil, []) }

  private func watch(
    _ descriptor: FileDescriptor, for interest: Readiness?
  ) throws(IOFailure) -> Registration {
    let registration = try loop.reactor.register(descriptor, for: interest, self)
    registration.closesNext()
    return registration
  }

  // MARK: Waiting

  /// Wakes the loop at the deadline for the connection to the target, and when the client resets before.
  func waitForTarget() throws(IOFailure) {
    try client?.watch(for: [])
    noteDeadline()
  }

  /// Wakes the loop at the connection's deadline.
  func noteDeadline() { client?.wake(at: connection.deadline) }

  /// Updates the interests of the connection's sockets.
  func settle() throws(IOFailure) {
    for side in ForwardedConnection.Side.allCases {
      // A paused socket stays paused until there is an interest.
      let wanted = connection.interest(in: side)
      guard let registration = registration(of: side), wanted != registration.interest else { continue }
      try registration.watch(for: wanted)
    }
  }

  /// Stops watching a side that can only report a hang-up, which would be reported again in every turn.
  func silence(_ side: ForwardedConnection.Side) throws(IOFailure) {
    guard let registration = registration(of: side), registration.interest.isEmpty else { return }
    try registration.pause()
  }

  private func registration(of side: ForwardedConnection.Side) -> Registration? {
    side == .client ? client : target
  }

  /// Stops watching.
  func release() { (client, target, attempts) = (nil, nil, []) }
}
