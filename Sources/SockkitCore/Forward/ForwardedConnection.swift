// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One client and its connection to the target: bytes pass both ways, ends are passed on as ends, resets as resets. It
/// never waits.
final class ForwardedConnection {
  /// Whose socket it is.
  enum Side {
    /// The client's.
    case client
    /// The target's.
    case target

    /// The other one.
    var other: Side { self == .client ? .target : .client }
  }

  /// Whether it goes on.
  enum Step: Equatable {
    /// It does.
    case goOn
    /// It is over, in order or with the reason why not.
    case over(String?)
  }

  /// That a side broke off.
  private struct Break {
    let side: Side
    let error: SystemError
    /// Until when something of what it sent before has to arrive, and when to look next whether it has.
    var end: Deadline
    var nextLook: Deadline
    /// What had not arrived at the last look, in bytes, once all of it was passed on.
    var rest = Int.max
  }

  private let client: StreamSocket
  private var target: StreamSocket?
  private var fromClient: ForwardWay
  private var fromTarget: ForwardWay
  private var clientCheck = EndOfStreamCheck()
  private var targetCheck = EndOfStreamCheck()
  private var clientProgress = DeliveryProgress()
  private var targetProgress = DeliveryProgress()
  /// The opening of the connection to the target, while it lasts.
  var dial: TargetDial?
  private let idle: Duration?
  private let supplies: Passage.Supplies
  /// When the client came, and when the last byte went either way.
  let began = Deadline.now
  private var lastActivity: Deadline
  /// When to begin to ask whether those who are silent are still there, once one side has finished.
  private var probing = Deadline.never
  private var failure: Break?
  /// The ends of its connections, where one of them may be a connection of the forwarder to itself.
  var ends: [SelfConnections.End] = []
  /// Whether it is over, so that whoever still holds it lets go.
  var isOver = false

  /// How long one side may be silent after the other has finished before it is asked for.
  private static let silence = Duration.seconds(5)
  /// How long nothing may arrive of what a side sent before it broke off, before the other side is reset.
  private static let lastDelivery = Duration.seconds(5)
  private static let deliveryPause = Duration.milliseconds(50)

  /// Takes over a client that was accepted.
  init(_ client: consuming StreamSocket, _ settings: ForwardSettings, _ supplies: Passage.Supplies) {
    self.client = client
    self.supplies = supplies
    idle = settings.idle
    fromClient = ForwardWay(Passage(rate: settings.rate))
    fromTarget = ForwardWay(Passage(rate: settings.rate))
    lastActivity = began
  }

  /// The client.
  var remote: Address { client.remote }
  /// The address that the client has connected to.
  var local: Address { client.local }
  /// The descriptor of the client's socket.
  var clientNumber: FileDescriptor { client.number }
  /// The descriptor of the target's socket, once there is one.
  var targetNumber: FileDescriptor? { target?.number }
  /// How many bytes the target took, and the client.
  var counts: (toTarget: Int, toClient: Int) { (fromClient.passage.passed, fromTarget.passage.passed) }

  /// Begins to forward.
  func open(to target: consuming StreamSocket, at now: Deadline) {
    self.target = consume target
    lastActivity = now
  }

  // MARK: Waiting

  /// What has to become ready on one side.
  func interest(in side: Side) -> Readiness {
    var interest: Readiness = []
    if way(from: side).want == .source { interest.insert(.readable) }
    if way(from: side.other).want == .sink { interest.insert(.writable) }
    return interest
  }

  /// Whether another turn is wanted.
  var wantsTurn: Bool { fromClient.want == .turn || fromTarget.want == .turn }

  /// When something has to be done whatever happens.
  var deadline: Deadline {
    if let dial { return dial.nextLook }
    if let failure { return min(failure.nextLook, failure.end, moment) }
    return min(idleEnd, probing, moment)
  }

  /// When it has been idle for too long; a pause that the rate makes is no idleness.
  private var idleEnd: Deadline { moment == .never ? idle.map { lastActivity + $0 } ?? .never : .never }

  /// Whether a side takes what was sent to it before the idle time; it is not idle then.
  private func isDelivering(at now: Deadline) -> Bool {
    var deliveries = [clientProgress.lastDelivery(over: client.number, at: now)]
    if let target = targetNumber { deliveries.append(targetProgress.lastDelivery(over: target, at: now)) }
    for case let delivery? in deliveries { lastActivity = max(lastActivity, delivery) }
    return idleEnd > now
  }

  private var moment: Deadline { min(fromClient.moment, fromTarget.moment) }

  private func way(from side: Side) -> ForwardWay { side == .client ? fromClient : fromTarget }

  private func check(of side: Side) -> EndOfStreamCheck { side == .client ? clientCheck : targetCheck }

  // MARK: Going on

  /// Does what a side that is ready allows.
  ///
  /// - Returns: Whether it goes on, and whether the readiness was of any use; a hang-up may not be for a while.
  func proceed(_ side: Side, _ readiness: Readiness, at now: Deadline) -> (step: Step, isUseful: Bool) {
    let reads = readiness.allowsRead && way(from: side).want == .source
    let writes = readiness.allowsWrite && way(from: side.other).want == .sink
    if reads { move(from: side, at: now) }
    if writes { move(from: side.other, at: now) }
    if !reads, !writes, readiness.contains(.failed) { notice(side, at: now) }
    return (step(at: now), reads || writes)
  }

  /// Takes the turn that was asked for.
  func takeTurn(at now: Deadline) -> Step {
    for side in [Side.client, .target] where way(from: side).want == .turn { move(from: side, at: now) }
    return step(at: now)
  }

  /// Does what the time asks for.
  func deadlinePassed(at now: Deadline) -> Step {
    for side in [Side.client, .target] where way(from: side).moment <= now {
      lastActivity = now
      move(from: side, at: now)
    }
    if probing <= now {
      probing = .never
      // Where it cannot be had, nobody is asked.
      try? client.probePeer()
      try? target?.probePeer()
    }
    if failure == nil, let idle, idleEnd <= now, !isDelivering(at: now) {
      return .over("timed out after \(DurationFormat.describe(idle)) without a byte either way")
    }
    return step(at: now)
  }

  /// Has both sides see a reset when it is closed: neither is to take this for an orderly end.
  ///
  /// A side that was half-closed has been sent all there was. As long as it has not received that, it is not reset, because
  /// a reset drops what is queued; it finds out when it sends more.
  func breakOff() {
    fromClient.abandon(supplies)
    fromTarget.abandon(supplies)
    // Where a reset cannot be had, they see an end.
    if !fromTarget.hasFinished || unconfirmedBytes(of: .client) == 0 { try? client.resetOnClose() }
    if !fromClient.hasFinished || unconfirmedBytes(of: .target) == 0 { try? target?.resetOnClose() }
  }

  private func step(at now: Deadline) -> Step {
    if let failure {
      let rest = undeliveredBytes(from: failure.side)
      if failure.end <= now || rest == 0 { return .over("\(failure.error)") }
      if let rest, rest < failure.rest {
        self.failure?.rest = rest
        self.failure?.end = now + Self.lastDelivery
      }
      self.failure?.nextLook = now + Self.deliveryPause
      return .goOn
    }
    return fromClient.want == .nothing && fromTarget.want == .nothing ? .over(nil) : .goOn
  }

  /// What the side that is still there does not have yet of what the other sent before it broke off, in bytes; `nil`
  /// while it is being passed on.
  private func undeliveredBytes(from side: Side) -> Int? {
    way(from: side).want == .nothing ? unconfirmedBytes(of: side.other) : nil
  }

  /// What was sent to a side and is not confirmed by its system yet, in bytes.
  private func unconfirmedBytes(of side: Side) -> Int {
    let rest = side == .client ? try? client.unacknowledgedBytes() : try? target?.unacknowledgedBytes()
    // The half-close counts as a byte.
    return max(0, (rest ?? 0) - (way(from: side.other).hasFinished ? 1 : 0))
  }

  // MARK: Moving

  private func move(from side: Side, at now: Deadline) {
    guard let target = target?.number else { return }
    let failure: PassageFailure?
    let hasMoved: Bool
    switch side {
    case .client:
      (failure, hasMoved) = fromClient.move(from: client.number, to: target, using: supplies, at: now)
    case .target:
      (failure, hasMoved) = fromTarget.move(from: target, to: client.number, using: supplies, at: now)
    }
    if hasMoved {
      lastActivity = now
      self.failure?.end = now + Self.lastDelivery
    }
    switch failure {
    case .source(let code): fail(side, SystemError(.receive(from: name(of: side)), code), at: now)
    case .sink(let code): fail(side.other, SystemError(.send(to: name(of: side.other)), code), at: now)
    case nil: if way(from: side).want == .nothing { end(side, at: now) }
    }
  }

  /// A side's stream has come to an end, and all of it was passed on. Where a reset is behind the end, this is passed on in
  /// its place.
  private func end(_ side: Side, at now: Deadline) {
    guard failure == nil else { return }
    if let code = errorBehindEnd(of: side) {
      return fail(side, SystemError(.receive(from: name(of: side)), code), at: now)
    }
    finish(side, at: now)
    // A reset that came after the end: the side takes nothing more.
    if let code = check(of: side).failure {
      fail(side, SystemError(.send(to: name(of: side)), code), at: now)
    }
  }

  private func errorBehindEnd(of side: Side) -> Errno? {
    switch side {
    case .client:
      return clientCheck.errorBehindEnd(of: client.number, received: fromClient.passage.received)
    case .target:
      guard let target = target?.number else { return nil }
      return targetCheck.errorBehindEnd(of: target, received: fromTarget.passage.received)
    }
  }

  /// Half-closes the other side: nothing more is coming.
  private func finish(_ side: Side, at now: Deadline) {
    do {
      guard try halfClose(side.other) else {
        let code = try takeError(of: side.other) ?? .brokenPipe
        return fail(side.other, SystemError(.send(to: name(of: side.other)), code), at: now)
      }
      if way(from: side.other).want != .nothing { probing = now + Self.silence }
    } catch {
      fail(side.other, error, at: now)
    }
  }

  /// - Returns: Whether there was a connection still: it may have been reset since something was last sent.
  private func halfClose(_ side: Side) throws(SystemError) -> Bool {
    switch side {
    case .client:
      guard try client.shutdownSending() else { return false }
      clientCheck.didHalfClose()
      fromTarget.hasFinished = true
    case .target:
      guard try target?.shutdownSending() == true else { return false }
      targetCheck.didHalfClose()
      fromClient.hasFinished = true
    }
    return true
  }

  /// Learns of a break on a side that is not being read, because the other does not keep up.
  private func notice(_ side: Side, at now: Deadline) {
    guard let code = try? takeError(of: side) else { return }
    fail(side, SystemError(.receive(from: name(of: side)), code), at: now)
  }

  private func takeError(of side: Side) throws(SystemError) -> Errno? {
    try side == .client ? client.takeError() : target?.takeError()
  }

  /// A side has broken off: it gets nothing more, and the other what it sent before.
  private func fail(_ side: Side, _ error: SystemError, at now: Deadline) {
    if side == .client { clientCheck.note(error.code) } else { targetCheck.note(error.code) }
    if let failure {
      // A Unix socket tells twice that its other end has gone: when it is written, and when it is read.
      if failure.side != side { self.failure?.end = now }
      return
    }
    failure = Break(side: side, error: error, end: now + Self.lastDelivery, nextLook: now)
    if side == .client { fromTarget.abandon(supplies) } else { fromClient.abandon(supplies) }
  }

  private func name(of side: Side) -> String {
    "\(side == .client ? client.remote : target?.remote ?? .unnamed)"
  }
}
