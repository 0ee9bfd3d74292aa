// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Text
import Transport

/// One client and its connection to the target: bytes pass both ways, ends are passed on as ends, resets as resets. It
/// never waits.
final class ForwardedConnection {
  /// Whose socket it is.
  enum Side: CaseIterable {
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
    /// What has passed could not be recorded: the forwarder has to end.
    case unrecorded(SystemError)
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

  /// One of the two ends.
  private final class End {
    let stream: any ByteStream
    let local: Address
    let remote: Address
    /// Carries what this side sends; `nil` while there is no other side.
    var copier: Copier?
    /// Whether the end of what this side sends was passed on.
    var hasFinished = false
    /// Whether the end of what the other side sends is being passed on to this one, which may have to wait.
    var isFinishing = false

    /// - Parameter acknowledged: What the kernel counts of the opening of the connection, in bytes.
    init(_ socket: consuming StreamSocket, acknowledged: Int, _ makeStream: StreamMaking) {
      (local, remote) = (socket.local, socket.remote)
      stream = makeStream(socket, acknowledged)
    }
  }

  private let client: End
  private var target: End?
  /// The opening of the connection to the target, while it lasts.
  var dial: UpstreamConnector?
  private let idle: Duration?
  private let rate: Int?
  private let makeTargetStream: StreamMaking
  private let resources: CopyResources
  private let recording: Recording?
  /// Why what has passed could not be recorded, until it is told.
  private var recordFailure: SystemError?
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

  /// How often is taken from a side before it is another connection's turn.
  private static let mostFills = 16
  /// How long one side may be silent after the other has finished before it is asked for.
  private static let silence = Duration.seconds(5)
  /// How long nothing may arrive of what a side sent before it broke off, before the other side is reset.
  private static let lastDelivery = Duration.seconds(5)
  private static let deliveryPause = Duration.milliseconds(50)

  /// Takes over a client that was accepted.
  init(_ client: consuming StreamSocket, _ settings: ForwardSettings, _ resources: CopyResources) {
    recording = settings.recording?.ofClient(client.remote)
    self.client = End(client, acknowledged: 0, settings.makeClientStream)
    self.resources = resources
    idle = settings.idle
    rate = settings.rate
    makeTargetStream = settings.makeTargetStream
    lastActivity = began
  }

  /// The client.
  var remote: Address { client.remote }
  /// The address that the client has connected to.
  var local: Address { client.local }
  /// The descriptor of the client's socket.
  var clientNumber: FileDescriptor { client.stream.number }
  /// The descriptor of the target's socket, once there is one.
  var targetNumber: FileDescriptor? { target?.stream.number }
  /// How many bytes the target took, and the client.
  var counts: (toTarget: Int, toClient: Int) { (client.copier?.passed ?? 0, target?.copier?.passed ?? 0) }

  /// Begins to forward.
  func open(to socket: consuming StreamSocket, at now: Deadline) {
    let target = End(socket, acknowledged: 1, makeTargetStream)
    client.copier = Copier(
      from: client.stream, to: target.stream, with: resources, rate: rate,
      sending: recording.map { SendingFilters(TrafficFilters(), $0, answering: ControlQueue()) })
    target.copier = Copier(
      from: target.stream, to: client.stream, with: resources, rate: rate,
      receiving: recording.map { ReceivingFilters(TrafficFilters(), $0, answering: ControlQueue()) })
    self.target = target
    lastActivity = now
  }

  // MARK: Waiting

  /// What has to become ready on one side.
  func interest(in side: Side) -> Readiness {
    guard let end = end(side) else { return [] }
    return end.stream.interest(
      reading: blocker(from: side) == .source,
      writing: blocker(from: side.other) == .sink || end.isFinishing)
  }

  /// Whether another turn is wanted.
  var wantsTurn: Bool { blocker(from: .client) == .turn || blocker(from: .target) == .turn }

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
    for case let delivery? in [client, target].map({ $0?.stream.lastDelivery(at: now) }) {
      lastActivity = max(lastActivity, delivery)
    }
    return idleEnd > now
  }

  private var moment: Deadline { min(moment(from: .client), moment(from: .target)) }

  private func moment(from side: Side) -> Deadline {
    if case .moment(let deadline) = blocker(from: side) { deadline } else { .never }
  }

  private func end(_ side: Side) -> End? { side == .client ? client : target }

  /// What keeps the bytes of a side from going on.
  private func blocker(from side: Side) -> Copier.Blocker {
    end(side)?.copier?.blocker ?? .nothing
  }

  // MARK: Going on

  /// Does what a side that is ready allows.
  ///
  /// - Returns: Whether it goes on, and whether the readiness was of any use; a hang-up may not be for a while.
  func proceed(_ side: Side, _ readiness: Readiness, at now: Deadline) -> (step: Step, isUseful: Bool) {
    guard let end = end(side) else { return (.goOn, false) }
    let reads = end.stream.canRead(after: readiness) && blocker(from: side) == .source
    let canWrite = end.stream.canWrite(after: readiness)
    let writes = canWrite && blocker(from: side.other) == .sink
    let finishes = canWrite && end.isFinishing
    if reads { move(from: side, source: true, at: now) }
    if writes { move(from: side.other, sink: true, at: now) }
    if finishes { finish(side.other, at: now) }
    if !reads, !writes, !finishes, readiness.contains(.failed) { notice(side, at: now) }
    return (step(at: now), reads || writes || finishes)
  }

  /// Takes the turn that was asked for.
  func takeTurn(at now: Deadline) -> Step {
    for side in Side.allCases where blocker(from: side) == .turn { move(from: side, at: now) }
    return step(at: now)
  }

  /// Does what the time asks for.
  func deadlinePassed(at now: Deadline) -> Step {
    for side in Side.allCases where moment(from: side) <= now {
      lastActivity = now
      move(from: side, at: now)
    }
    if probing <= now {
      probing = .never
      // Where it cannot be had, nobody is asked.
      try? client.stream.probePeer()
      try? target?.stream.probePeer()
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
    client.copier?.abandon()
    target?.copier?.abandon()
    // Where a reset cannot be had, they see an end.
    if target?.hasFinished != true || unconfirmedBytes(of: .client) == 0 { try? client.stream.resetOnClose() }
    if !client.hasFinished || unconfirmedBytes(of: .target) == 0 { try? target?.stream.resetOnClose() }
  }

  /// Takes nothing more, because it cannot be recorded: what has come from the target is passed on before it is over.
  func stopTaking(because error: SystemError, at now: Deadline) -> Step {
    client.copier?.abandon()
    target?.copier?.endSource()
    failure = failure ?? Break(side: .target, error: error, end: now + Self.lastDelivery, nextLook: now)
    return step(at: now)
  }

  private func step(at now: Deadline) -> Step {
    if let recordFailure = recordFailure.take() { return .unrecorded(recordFailure) }
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
    let isFinishing = client.isFinishing || target?.isFinishing == true
    return blocker(from: .client) == .nothing && blocker(from: .target) == .nothing && !isFinishing
      ? .over(nil) : .goOn
  }

  /// What the side that is still there does not have yet of what the other sent before it broke off, in bytes; `nil`
  /// while it is being passed on.
  private func undeliveredBytes(from side: Side) -> Int? {
    blocker(from: side) == .nothing ? unconfirmedBytes(of: side.other) : nil
  }

  /// What was sent to a side and is not confirmed by its system yet, in bytes.
  private func unconfirmedBytes(of side: Side) -> Int {
    let rest = (try? end(side)?.stream.unacknowledgedBytes()) ?? 0
    // The half-close counts as a byte.
    return max(0, rest - (end(side.other)?.hasFinished == true ? 1 : 0))
  }

  // MARK: Moving

  /// - Parameters:
  ///   - source: Whether the side was found ready.
  ///   - sink: Whether the other side was found ready.
  private func move(from side: Side, source: Bool = false, sink: Bool = false, at now: Deadline) {
    guard let copier = end(side)?.copier else { return }
    copier.note(source: source, sink: sink)
    copier.note(now)
    let step = copier.move(fills: Self.mostFills)
    if step.hasTaken || step.hasPassed {
      lastActivity = now
      failure?.end = now + Self.lastDelivery
    }
    switch step.failure {
    case .source(let error)?:
      copier.endSource()
      fail(side, error, at: now)
    case .recording(let error)?: recordFailure = error
    case .sink(let error)?:
      copier.abandon()
      fail(side.other, error, at: now)
    case nil: if blocker(from: side) == .nothing { end(side, at: now) }
    }
  }

  /// A side's stream has come to an end, and all of it was passed on. Where a reset is behind the end, this is passed on in
  /// its place.
  private func end(_ side: Side, at now: Deadline) {
    guard failure == nil, let end = end(side) else { return }
    if let code = end.stream.errorBehindEnd(received: end.copier?.received) {
      return fail(side, end.stream.readError(code), at: now)
    }
    finish(side, at: now)
    // A reset that came after the end: the side takes nothing more.
    if let code = end.stream.failure { fail(side, end.stream.writeError(code), at: now) }
  }

  /// Half-closes the other side: nothing more is coming.
  private func finish(_ side: Side, at now: Deadline) {
    guard let stream = end(side.other)?.stream else { return }
    do throws(SystemError) {
      let result = try stream.finish()
      end(side.other)?.isFinishing = result == .wouldBlock
      switch result {
      case .wouldBlock: return
      // It may have been reset since something was last sent.
      case .disconnected: throw stream.writeError(try stream.takeError() ?? .brokenPipe)
      case .done: end(side)?.hasFinished = true
      }
      if blocker(from: side.other) != .nothing { probing = now + Self.silence }
    } catch {
      fail(side.other, error, at: now)
    }
  }

  /// Learns of a break on a side that is not being read, because the other does not keep up.
  private func notice(_ side: Side, at now: Deadline) {
    guard let stream = end(side)?.stream, let code = try? stream.takeError() else { return }
    fail(side, stream.readError(code), at: now)
  }

  /// A side has broken off: it gets nothing more, and the other what it sent before.
  private func fail(_ side: Side, _ error: SystemError, at now: Deadline) {
    end(side)?.stream.didFail(error.code)
    if let failure {
      // A Unix socket tells twice that its other end has gone: when it is written, and when it is read.
      if failure.side != side { self.failure?.end = now }
      return
    }
    failure = Break(side: side, error: error, end: now + Self.lastDelivery, nextLook: now)
    end(side.other)?.copier?.abandon()
  }
}
