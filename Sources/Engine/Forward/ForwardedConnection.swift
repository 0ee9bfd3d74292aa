// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Sockets
import SystemPackage
import Text
import Transport

/// One client and its connection to the target: bytes are passed in both directions, ends are passed on as ends, resets
/// as resets. It never waits.
final class ForwardedConnection {
  /// The side of a socket.
  enum Side: CaseIterable {
    /// The client's.
    case client
    /// The target's.
    case target

    /// The opposite side.
    var other: Side { self == .client ? .target : .client }
  }

  /// Whether the connection continues.
  enum Step: Equatable {
    /// It continues.
    case goOn
    /// It is over, in order (`nil`) or for a reason.
    case over(String?)
    /// The traffic could not be recorded: the forwarder must end.
    case unrecorded(IOFailure)
  }

  /// The failure of a side.
  private struct Break {
    let side: Side
    let error: IOFailure
    /// Whether the other side has received the bytes sent before.
    var delivery: DeliveryCheck
  }

  /// One of the two ends.
  private final class End {
    let stream: any ByteStream
    /// Where bytes for this side are written: the stream, or the one below if only what is read has another form.
    let sink: any ByteSink
    let remote: Address
    /// Copies the bytes from this side; `nil` until the other side exists.
    var copier: Copier?
    /// Whether the end of the bytes from this side was passed on.
    var hasFinished = false
    /// Whether the end of the bytes from the other side is being passed on to this one, which may have to wait.
    var isFinishing = false

    init(_ stream: any ByteStream, writing sink: (any ByteSink)? = nil) {
      self.stream = stream
      self.sink = sink ?? stream
      remote = stream.remote
    }
  }

  private let client: End
  private var target: End?
  /// The opening of the connection to the target, while it lasts.
  var dial: UpstreamConnector?
  private let idle: Duration?
  private let rate: Int?
  private let resources: CopyResources
  private let recording: Recording?
  /// The error of the recording, until it is reported.
  private var recordFailure: IOFailure?
  /// The start of the connection, and the time of the last byte in either direction.
  let began = Deadline.now
  private var lastActivity: Deadline
  /// When to start probing silent peers, after one side has finished.
  private var probing = Deadline.never
  private var failure: Break?
  /// The side whose end is passed on only when the other one has ended too.
  private var deferred: Side?
  /// The client's stream, if the client says over it what it asks for.
  private let dialogue: HandshakeStream?
  /// What the client has asked for, if it has a choice of targets.
  let request: ProxyRequest?
  /// The target that a proxy is asked for, once it is known that the connection goes through one.
  var proxied: ProxyTarget?
  /// The datagrams that are relayed for the client, if it has asked for that.
  var association: DatagramRelay?
  /// The end of a connection whose request was refused, while it lasts, and what it waits for.
  private var closing: LingeringClose?
  private var closingInterest: Readiness = []
  /// The ends of its connections, if one of them may be a connection of the forwarder to itself.
  var ends: [SelfConnections.End] = []
  /// Whether it is over, so that references to it can be dropped.
  var isOver = false

  /// The maximum number of takes from a side before another connection has its turn.
  private static let mostFills = 16
  /// How long one side may be silent after the other has finished before it is probed.
  private static let silence = Duration.seconds(5)
  /// How long the bytes of a failed side may remain undelivered without progress, before the other side is reset.
  private static let lastDelivery = Duration.seconds(5)
  /// The limits of the end of a connection whose request was refused.
  private static let closingTime = LingeringClose.Limits(
    silence: .seconds(1), total: .seconds(5), awaitsDelivery: true)

  /// Takes ownership of an accepted client.
  init(_ client: any ByteStream, _ settings: ForwardSettings, _ resources: CopyResources) {
    recording = settings.recording?.ofClient(client.remote)
    dialogue = client as? HandshakeStream
    request = (dialogue?.result as? ProxyRequestReader)?.request
    if case .exchange(_, let forwarded)? = request?.action {
      self.client = End(ForwardedRequestStream(over: client, forwarded), writing: client)
    } else {
      self.client = End(client)
    }
    self.resources = resources
    idle = settings.idle
    rate = settings.rate
    lastActivity = began
  }

  /// How the client has ended its stream.
  var endOfClient: StreamEnd? { client.stream.end }
  /// The client's stream.
  var clientStream: any ByteStream { client.stream }
  /// The client.
  var remote: Address { client.remote }
  /// The address that the client is connected to.
  var local: Address { client.stream.local }
  /// The descriptor of the client's socket.
  var clientDescriptor: FileDescriptor { client.stream.descriptor }
  /// The descriptor of the target's socket, once it exists.
  var targetDescriptor: FileDescriptor? { target?.stream.descriptor }
  /// The numbers of bytes that the target and the client have accepted.
  var counts: (toTarget: Int, toClient: Int) {
    if let association { return (association.toTargets, association.toClient) }
    return (client.copier?.passed ?? 0, target?.copier?.passed ?? 0)
  }

  /// Starts to forward.
  func open(to stream: any ByteStream, at now: Deadline) {
    let isExchange = if case .exchange? = request?.action { true } else { false }
    let target = End(
      isExchange ? ForwardedResponseStream(over: stream, to: request) : stream, writing: stream)
    client.copier = Copier(
      from: client.stream, to: target.sink, with: resources, rate: rate,
      sending: recording.map { SendingFilters(TrafficFilters(), $0, answering: ControlQueue()) })
    target.copier = Copier(
      from: target.stream, to: client.sink, with: resources, rate: rate,
      receiving: recording.map { ReceivingFilters(TrafficFilters(), $0, answering: ControlQueue()) })
    self.target = target
    lastActivity = now
  }

  /// Sends the reply to a request, before any payload.
  ///
  /// - Throws: The error of the connection.
  func reply(_ bytes: [UInt8]) throws(IOFailure) { try dialogue?.reply(bytes) }

  /// Answers a request that cannot be met, and ends the connection in order.
  func refuse(_ bytes: [UInt8], at now: Deadline) -> Step {
    do { try reply(bytes) } catch { return .over("\(error)") }
    closing = LingeringClose(.orderly, of: client.stream, within: Self.closingTime, at: now)
    return proceedClosing(at: now)
  }

  private func proceedClosing(at now: Deadline) -> Step {
    do throws(IOFailure) {
      switch try closing?.proceed(with: resources, at: now) {
      case .await(let readiness)?:
        closingInterest = readiness
        return .goOn
      case .over?, nil:
        _ = try client.stream.setCloseRule(.orderly)
      }
    } catch {
      // A client that has read the answer may reset the connection.
    }
    return .over(nil)
  }

  // MARK: Waiting

  /// The interest in one side's socket.
  func interest(in side: Side) -> Readiness {
    if closing != nil { return side == .client ? closingInterest : [] }
    if association != nil { return client.stream.interest(reading: side == .client, writing: false) }
    guard let end = end(side) else { return [] }
    return end.stream.interest(
      reading: blocker(from: side) == .source,
      writing: blocker(from: side.other) == .sink || end.isFinishing)
  }

  /// Whether another turn is needed.
  var wantsTurn: Bool { blocker(from: .client) == .turn || blocker(from: .target) == .turn }

  /// The time of the next action without an event.
  var deadline: Deadline {
    if let dial { return dial.nextLook }
    if let closing { return closing.deadline }
    if let failure { return min(failure.delivery.next, failure.delivery.end, moment) }
    return min(idleEnd, probing, moment)
  }

  /// The end of the idle time; a pause because of the rate is not idleness.
  private var idleEnd: Deadline { moment == .never ? idle.map { lastActivity + $0 } ?? .never : .never }

  /// Whether a side still receives bytes sent before the idle time; it is not idle then.
  private func isDelivering(at now: Deadline) -> Bool {
    if let association { lastActivity = association.lastActivity }
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

  /// The reason why the bytes from a side cannot continue.
  private func blocker(from side: Side) -> Copier.Blocker {
    end(side)?.copier?.blocker ?? .nothing
  }

  // MARK: Events

  /// Handles the readiness of a side.
  ///
  /// - Returns: Whether the connection continues, and whether the readiness was of use; a hang-up may not be for a
  ///   while.
  func proceed(_ side: Side, _ readiness: Readiness, at now: Deadline) -> (step: Step, isUseful: Bool) {
    if closing != nil { return (proceedClosing(at: now), true) }
    if association != nil { return (proceedAssociation(), true) }
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

  /// Takes the requested turn.
  func takeTurn(at now: Deadline) -> Step {
    for side in Side.allCases where blocker(from: side) == .turn { move(from: side, at: now) }
    return step(at: now)
  }

  /// Handles a deadline.
  func deadlinePassed(at now: Deadline) -> Step {
    if closing != nil { return proceedClosing(at: now) }
    for side in Side.allCases where moment(from: side) <= now {
      lastActivity = now
      move(from: side, at: now)
    }
    if probing <= now {
      probing = .never
      // If probing is not supported, no peer is probed.
      try? client.stream.probePeer()
      try? target?.stream.probePeer()
    }
    if failure == nil, let idle, idleEnd <= now, !isDelivering(at: now) {
      return .over("timed out after \(DurationFormat.describe(idle)) without a byte in either direction")
    }
    return step(at: now)
  }

  /// Makes both sides see a reset when the connection is closed: neither may take this for an orderly end.
  ///
  /// A half-closed side has been sent everything. As long as it has not received that, it is not reset, because a reset
  /// drops queued bytes; it sees the reset when it sends more.
  func breakOff() {
    client.copier?.abandon()
    target?.copier?.abandon()
    // If a reset is not possible, they see end-of-stream.
    if target?.hasFinished != true || unconfirmedBytes(of: .client) == 0 { client.stream.abortOnClose() }
    if !client.hasFinished || unconfirmedBytes(of: .target) == 0 { target?.stream.abortOnClose() }
  }

  /// Stops taking bytes, because they cannot be recorded: bytes received from the target are passed on before the end.
  func stopTaking(because error: IOFailure, at now: Deadline) -> Step {
    client.copier?.abandon()
    target?.copier?.endSource()
    if failure == nil { noteFailure(of: .target, error, at: now) }
    return step(at: now)
  }

  /// Discards what the client sends: with the end of its stream, that of the datagrams has come.
  private func proceedAssociation() -> Step {
    do throws(IOFailure) {
      switch try resources.read(from: client.stream) {
      case .moved, .wouldBlock: return .goOn
      case .endOfStream:
        _ = try client.stream.setCloseRule(.orderly)
        return .over(nil)
      }
    } catch {
      return .over("\(error)")
    }
  }

  private func step(at now: Deadline) -> Step {
    guard association == nil else { return .goOn }
    if let recordFailure = recordFailure.take() { return .unrecorded(recordFailure) }
    if let failure {
      return isSettled(failure, at: now) ? .over("\(failure.error)") : .goOn
    }
    let isFinishing = client.isFinishing || target?.isFinishing == true
    return blocker(from: .client) == .nothing && blocker(from: .target) == .nothing && !isFinishing
      ? .over(nil) : .goOn
  }

  /// Whether nothing from the failed side is left to deliver to the other one, or will be delivered.
  private func isSettled(_ failure: Break, at now: Deadline) -> Bool {
    if failure.delivery.end <= now { return true }
    guard blocker(from: failure.side) == .nothing else { return false }
    guard let receiver = end(failure.side.other)?.stream else { return true }
    // The half-close counts as a byte.
    let allowance = end(failure.side)?.hasFinished == true ? 1 : 0
    // A receiver that has failed too receives nothing more.
    return
      (try? self.failure?.delivery.isDelivered(
        over: receiver, payloadEnd: nil, allowance: allowance, at: now)) ?? true
  }

  /// The number of bytes sent to a side that its system has not acknowledged yet.
  private func unconfirmedBytes(of side: Side) -> Int {
    let rest = (try? end(side)?.stream.unacknowledgedBytes()) ?? 0
    // The half-close counts as a byte.
    return max(0, rest - (end(side.other)?.hasFinished == true ? 1 : 0))
  }

  // MARK: Moving

  /// - Parameters:
  ///   - source: Whether the side is ready.
  ///   - sink: Whether the other side is ready.
  private func move(from side: Side, source: Bool = false, sink: Bool = false, at now: Deadline) {
    guard let copier = end(side)?.copier else { return }
    copier.note(source: source, sink: sink)
    copier.note(now)
    let step = copier.move(fills: Self.mostFills)
    if step.hasTaken || step.hasPassed {
      lastActivity = now
      failure?.delivery.didProgress(at: now)
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

  /// Handles the end of a side's stream, all of which has been passed on. If the end hides a reset, the reset is passed
  /// on in its place.
  private func end(_ side: Side, at now: Deadline) {
    guard failure == nil, let end = end(side) else { return }
    if let reason = end.stream.errorBehindEnd(received: end.copier?.received) {
      return fail(side, end.stream.readError(reason), at: now)
    }
    if mayEndBoth(with: side) { deferred = side } else { finish(side, at: now) }
    if deferred == side.other {
      deferred = nil
      finish(side.other, at: now)
    }
    // A reset after the end: the side accepts no more bytes.
    if let reason = end.stream.failure { fail(side, end.stream.writeError(reason), at: now) }
  }

  /// Whether to pass the end of a side on would end both directions of the other one, although that may still send, and
  /// although the side has sent nothing that ends.
  private func mayEndBoth(with side: Side) -> Bool {
    end(side.other)?.stream.hasHalfClose == false && end(side)?.copier?.received == 0
      && blocker(from: side.other) != .nothing
  }

  /// Half-closes the other side.
  private func finish(_ side: Side, at now: Deadline) {
    guard let stream = end(side.other)?.stream else { return }
    do throws(IOFailure) {
      let result = try stream.finish()
      end(side.other)?.isFinishing = result == .wouldBlock
      switch result {
      case .wouldBlock: return
      // It may have been reset since the last send.
      case .disconnected: throw stream.writeError(try stream.takeError() ?? .errno(.brokenPipe))
      case .done: end(side)?.hasFinished = true
      }
      if blocker(from: side.other) != .nothing { probing = now + Self.silence }
    } catch {
      fail(side.other, error, at: now)
    }
  }

  private func noteFailure(of side: Side, _ error: IOFailure, at now: Deadline) {
    failure = Break(side: side, error: error, delivery: DeliveryCheck(limit: Self.lastDelivery, from: now))
  }

  /// Detects the failure of a side that is not being read because the other one is slow.
  private func notice(_ side: Side, at now: Deadline) {
    guard let stream = end(side)?.stream, let reason = try? stream.takeError() else { return }
    fail(side, stream.readError(reason), at: now)
  }

  /// Handles the failure of a side: nothing more is sent to it, and the other side is sent what it sent before.
  private func fail(_ side: Side, _ error: IOFailure, at now: Deadline) {
    end(side)?.stream.didFail(error.reason)
    if let failure {
      // A Unix socket reports a closed peer twice: on a write, and on a read.
      if failure.side != side { self.failure?.delivery.giveUp(at: now) }
      return
    }
    noteFailure(of: side, error, at: now)
    end(side.other)?.copier?.abandon()
    // A side whose connection still exists could go on sending, or wait for what it is not sent.
    if !error.endsConnection { end(side)?.copier?.endSource() }
  }
}
