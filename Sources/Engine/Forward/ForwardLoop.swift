// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Reactor
import Sockets
import SystemPackage
import Transport

/// Forwards any number of connections in one thread, driven by readiness events.
final class ForwardLoop: ServingLoop {
  let reactor: Reactor
  private let target: ForwardTarget
  /// What clients may ask for; `nil` if there is one target for all.
  private let requested: RequestedTargets?
  private let settings: ForwardSettings
  private let report: @Sendable (ForwardEvent) -> Void
  private let resources: CopyResources
  private lazy var lookups = UpstreamLookups(by: settings.resolver, in: reactor) { [unowned self] answer in
    take(answer)
  }
  private let own: SelfConnections?
  private let acceptor: StreamAcceptor
  private var members = MemberList<ForwardMember>()
  /// Room for datagrams, once a client has asked for some.
  private var datagrams: DatagramRelay.Resources?
  private var graceEnd: Registration?
  /// Whether it ends because the traffic cannot be recorded.
  private var isGivingUp = false

  /// - Parameters:
  ///   - limit: The maximum number of connections; further clients wait in the backlog.
  ///   - own: Detects connections of the forwarder to itself, if they are possible.
  /// - Throws: `EMFILE` and similar errors.
  init(
    to target: ForwardTarget, _ settings: ForwardSettings, _ policy: AccessPolicy,
    on listeners: ListenerGroup,
    within limit: ConnectionLimit, _ own: SelfConnections?, report: @escaping @Sendable (ForwardEvent) -> Void
  ) throws(IOFailure) {
    self.own = own
    self.target = target
    if case .requested(let rules, let route) = target {
      requested = RequestedTargets(by: rules, through: route, at: listeners.locals, settings.resolver.family)
    } else {
      requested = nil
    }
    self.settings = settings
    self.report = report
    resources = CopyResources(pipes: settings.maximumPipes)
    reactor = try Reactor()
    let shedder = try settings.connectLimit.map { (patience) throws(IOFailure) in
      try LoadShedder(after: patience)
    }
    acceptor = StreamAcceptor(
      policy, on: listeners, within: limit, shedder: shedder, in: reactor,
      makeStream: settings.makeClientStream)
    try acceptor.start { [unowned self] () throws(IOFailure) in
      while let stream = try acceptor.next() { try admit(stream) }
    }
  }

  /// The error of the recording, if any.
  var failure: IOFailure? { settings.recording?.failure }

  /// Stops accepting.
  func stop() {
    guard graceEnd == nil else { return }
    acceptor.close()
    guard !members.all.isEmpty else { return reactor.stop() }
    graceEnd = reactor.timer(after: settings.grace) { [unowned self] in reactor.stop() }
  }

  /// Resets the remaining connections.
  func endAll() {
    let ending: Ending =
      failure == nil ? .broken("not finished within the time allowed (--grace)") : .unrecorded
    for member in members.all { remove(member, ending) }
    graceEnd = nil
    acceptor.close()
  }

  // MARK: Connecting

  private func admit(_ stream: any ByteStream) throws(IOFailure) {
    let connection = ForwardedConnection(stream, settings, resources)
    let member = try ForwardMember(connection, of: self)
    members.add(member)
    if own != nil {
      // A peer that acts for a client has an address of its own.
      let peer = StreamSocket.remoteAddress(of: connection.clientDescriptor) ?? connection.remote
      if isOwn(connection, isAccepted: true, from: peer, to: connection.local) { return fail(member, circle) }
    }
    switch target {
    case .fixed(let upstream, let isProxy): connect(member, to: upstream, isProxy: isProxy)
    case .requested: serve(member)
    }
  }

  private func connect(_ member: ForwardMember, to upstream: Upstream, isProxy: Bool) {
    // The time is that for the look-up of the target and the connection to a proxy together.
    let end = member.connection.dial?.end
    member.connection.dial = UpstreamConnector(to: upstream, isProxy: isProxy, settings, until: end)
    switch upstream {
    case .address(let address): begin(member, to: [address])
    case .host(let host, let port):
      do {
        try lookups.add(member, host: host, port: port)
        try member.waitForTarget()
      } catch {
        fail(member, UpstreamFailure(error))
      }
    }
  }

  /// Does what a client has asked for.
  private func serve(_ member: ForwardMember) {
    guard let request = member.connection.request, let requested else {
      fatalError("a client without a request")
    }
    switch request.action {
    case .connect(let target), .exchange(let target, _): follow(requested.way(to: target), for: member)
    case .refuse(let answer, let failure):
      refuse(member, answer, because: Failure(ExitStatus(failure), failure.explanation))
    case .associate(let sender): associate(member, request, from: sender, requested)
    }
  }

  private func follow(_ way: RequestedTargets.Way, for member: ForwardMember) {
    switch way {
    case .upstream(let upstream): connect(member, to: upstream, isProxy: false)
    case .addresses(let addresses): dial(member) { $0.begin(to: addresses, watch: $1) }
    case .proxy(let proxy, let target):
      member.connection.proxied = target
      connect(member, to: proxy, isProxy: true)
    case .refused(let failure): fail(member, failure)
    }
  }

  /// Relays datagrams for a client.
  ///
  /// - Parameter sender: Where the client says that it sends from.
  private func associate(
    _ member: ForwardMember, _ request: ProxyRequest, from sender: ProxyTarget, _ targets: RequestedTargets
  ) {
    let connection = member.connection
    guard case .internet(let client, _) = connection.remote, case .internet(let place, _) = connection.local
    else { return fail(member, UpstreamFailure(Failure(.unavailable, "the client has no address"), .failed)) }
    do throws(IOFailure) {
      let association = try DatagramRelay(
        of: client, port: sender.port, at: place, from: settings.connector.source, settings.resolver.family,
        with: try sharedDatagrams(), in: reactor,
        judge: { targets.allowDatagrams(to: $0, port: $1, named: $2) },
        lookUp: { [unowned self, unowned member] in lookUp($0, port: $1, for: member) })
      connection.association = association
      report(.associated(client: connection.remote, request, at: association.local))
      guard reply(to: member, from: association.local) else { return }
      settle(member)
    } catch {
      fail(member, UpstreamFailure(error))
    }
  }

  private func sharedDatagrams() throws(IOFailure) -> DatagramRelay.Resources {
    if let datagrams { return datagrams }
    let new = try DatagramRelay.Resources()
    datagrams = new
    return new
  }

  private func lookUp(_ name: String, port: UInt16, for member: ForwardMember) {
    do { try lookups.add(member, host: name, port: port) } catch { member.connection.association?.take([]) }
  }

  private func take(_ answer: ResolverQueue.Answer) {
    if let association = answer.member.connection.association {
      return association.take((try? answer.result.get()) ?? [])
    }
    switch answer.result {
    case .success(let addresses): begin(answer.member, to: addresses)
    case .failure(let error): fail(answer.member, UpstreamFailure(error))
    }
  }

  private func begin(_ member: ForwardMember, to addresses: [Address]) {
    let connection = member.connection
    if let requested, connection.proxied == nil, let target = connection.request?.target {
      follow(requested.way(to: target, at: addresses), for: member)
    } else {
      dial(member) { $0.begin(to: addresses, watch: $1) }
    }
  }

  /// Advances the opening of a connection to the target, and handles the result.
  func dial(
    _ member: ForwardMember, _ step: (UpstreamConnector, UpstreamConnector.Watch) -> UpstreamConnector.Step
  ) {
    let connection = member.connection
    guard let dial = connection.dial else { return }
    var isCircle = false
    let watch: UpstreamConnector.Watch = { [unowned self] (descriptor) throws(IOFailure) in
      try member.addAttempt(descriptor)
      // At once, so that the connection is known before its other end is accepted.
      if own != nil, let local = StreamSocket.localAddress(of: descriptor),
        let remote = StreamSocket.remoteAddress(of: descriptor)
      {
        isCircle = isOwn(connection, isAccepted: false, from: local, to: remote)
      }
    }
    let outcome = step(dial, watch)
    guard !isCircle else { return fail(member, circle) }
    take(consume outcome, of: member)
  }

  private func take(_ step: consuming UpstreamConnector.Step, of member: ForwardMember) {
    switch consume step {
    case .connected(let socket): secure(member, socket)
    case .secured(let stream):
      member.connection.dial = nil
      guard reply(to: member, from: stream.local) else { return }
      member.connection.open(to: stream, at: .now)
      // Bytes may have arrived behind a handshake, which no wait reports.
      take(.goOn, of: member)
    case .failed(let failure): fail(member, failure)
    case .pending:
      attempt(for: member) { () throws(IOFailure) in try member.waitForTarget() }
      if let interest = member.connection.dial?.handshakeInterest {
        attempt(for: member) { () throws(IOFailure) in try member.watchTarget(for: interest) }
      }
    case .short(let error):
      acceptor.wait(because: error)
      attempt(for: member) { () throws(IOFailure) in try member.waitForTarget() }
    }
  }

  /// Begins the handshake with the target over an established connection.
  private func secure(_ member: ForwardMember, _ socket: consuming StreamSocket) {
    let connection = member.connection
    let (local, remote) = (socket.local, socket.remote)
    guard local != remote else {
      // The kernel chose the target's port as our source port, and no program listens on it: TCP then connects the
      // socket to itself.
      let refusal = IOFailure(.connect(remote), .connectionRefused)
      return fail(member, UpstreamFailure(refusal))
    }
    if own != nil, isOwn(connection, isAccepted: false, from: local, to: remote) {
      return fail(member, circle)
    }
    do { try member.openTarget(socket.descriptor) } catch { return fail(member, UpstreamFailure(error)) }
    report(
      .connected(
        client: connection.remote, connection.request, from: local, to: remote, over: socket.transport))
    // The kernel counts one byte for the handshake of TCP.
    let stream = settings.makeTargetStream(socket, 1, connection.clientStream, connection.proxied)
    if let dial = connection.dial { take(dial.secure(stream), of: member) }
  }

  /// Adds an end of a connection to the set of our own ends.
  ///
  /// - Returns: Whether its other end is ours too.
  private func isOwn(
    _ connection: ForwardedConnection, isAccepted: Bool, from client: Address, to server: Address
  ) -> Bool {
    let end = SelfConnections.End(isAccepted: isAccepted, client: client, server: server)
    connection.ends.append(end)
    return own?.add(end) == true
  }

  private var circle: UpstreamFailure {
    guard case .fixed(let upstream, _) = target else { fatalError("a requested target is judged before") }
    return UpstreamFailure(
      Failure(.unavailable, "the target \(upstream.name) leads back to this forwarder"), .denied)
  }

  /// Tells a client that has asked for its target that the connection is open.
  ///
  /// - Returns: Whether the client was told; otherwise its connection is removed.
  private func reply(to member: ForwardMember, from local: Address) -> Bool {
    let connection = member.connection
    guard let request = connection.request else { return true }
    do {
      try connection.reply(request.reply(.connected(from: local)))
      return true
    } catch {
      remove(member, .broken("\(error)"))
      return false
    }
  }

  /// Handles the failure to connect a client to its target: it is reset, or answered if it has asked for the target.
  private func fail(_ member: ForwardMember, _ reason: UpstreamFailure) {
    let connection = member.connection
    guard let request = connection.request, !connection.isOver else {
      return remove(member, .failed(reason.failure))
    }
    lookups.remove(member)
    member.closeTarget()
    connection.dial = nil
    refuse(member, request.reply(reason.outcome), because: reason.failure)
  }

  /// Answers a request that is not met, and ends the connection in order.
  private func refuse(_ member: ForwardMember, _ answer: [UInt8], because failure: Failure) {
    report(.failed(client: member.connection.remote, failure))
    take(member.connection.refuse(answer, at: .now), of: member)
  }

  // MARK: Events

  /// Handles the readiness of a socket.
  func proceed(
    _ member: ForwardMember, _ side: ForwardedConnection.Side, _ readiness: Readiness, at now: Deadline
  ) {
    let connection = member.connection
    guard connection.dial == nil else { return noticeReset(of: member, readiness) }
    let (step, isUseful) = connection.proceed(side, readiness, at: now)
    take(step, of: member)
    let hasHungUp = readiness.hasBroken
    guard hasHungUp, !isUseful, !connection.isOver else { return }
    attempt(for: member) { () throws(IOFailure) in try member.silence(side) }
  }

  /// Removes a client that resets before it is connected to its target, unless it has sent bytes to pass on.
  private func noticeReset(of member: ForwardMember, _ readiness: Readiness) {
    let stream = member.connection.clientStream
    guard readiness.contains(.failed), (try? stream.unreadBytes()) == 0, let reason = try? stream.takeError()
    else {
      return attempt(for: member) { () throws(IOFailure) in try member.silence(.client) }
    }
    remove(member, .broken("\(stream.readError(reason))"))
  }

  /// Handles a deadline.
  func deadlinePassed(_ member: ForwardMember, at now: Deadline) {
    if member.connection.dial != nil {
      dial(member) { $0.proceed(nil, watch: $1) }
    } else {
      take(member.connection.deadlinePassed(at: now), of: member)
    }
  }

  private func take(_ step: ForwardedConnection.Step, of member: ForwardMember) {
    switch step {
    case .over(nil): remove(member, .orderly)
    case .over(let reason?): remove(member, isGivingUp ? .unrecorded : .broken(reason))
    case .unrecorded(let error): giveUp(because: error)
    case .goOn:
      if member.connection.wantsTurn, !member.isQueued {
        member.isQueued = true
        reactor.later { [unowned self] in takeTurn(of: member) }
      }
      settle(member)
    }
  }

  /// Stops accepting clients, because the traffic cannot be recorded. Bytes received from the target are passed on
  /// within the grace period.
  private func giveUp(because error: IOFailure) {
    settings.recording?.fail(error)
    guard !isGivingUp else { return }
    isGivingUp = true
    acceptor.close()
    graceEnd = reactor.timer(after: settings.grace) { [unowned self] in reactor.stop() }
    for member in members.all {
      if member.connection.dial == nil {
        take(member.connection.stopTaking(because: error, at: .now), of: member)
      } else {
        remove(member, .unrecorded)
      }
    }
  }

  private func takeTurn(of member: ForwardMember) {
    member.isQueued = false
    guard !member.connection.isOver else { return }
    take(member.connection.takeTurn(at: reactor.now), of: member)
  }

  private func settle(_ member: ForwardMember) {
    member.noteDeadline()
    attempt(for: member) { () throws(IOFailure) in try member.settle() }
  }

  /// Runs an operation that may fail for lack of kernel memory; a failure ends only this connection.
  private func attempt(for member: ForwardMember, _ body: () throws(IOFailure) -> Void) {
    do { try body() } catch { remove(member, .broken("\(error)")) }
  }

  // MARK: Ending

  private enum Ending {
    case orderly
    case broken(String)
    case failed(Failure)
    /// The forwarder ends, which is reported once for all connections.
    case unrecorded
  }

  private func remove(_ member: ForwardMember, _ ending: Ending) {
    let connection = member.connection
    guard !connection.isOver else { return }
    connection.isOver = true
    switch ending {
    case .orderly, .unrecorded: break
    case .broken(let reason): report(.broken(client: connection.remote, reason))
    case .failed(let failure): report(.failed(client: connection.remote, failure))
    }
    if case .orderly = ending {} else { connection.breakOff() }
    report(
      .closed(
        client: connection.remote, toTarget: connection.counts.toTarget, toClient: connection.counts.toClient,
        duration: connection.began.duration(until: .now), end: connection.endOfClient))
    own?.remove(connection.ends)
    lookups.remove(member)
    connection.dial = nil
    connection.association = nil
    // The sockets are closed when the member is released.
    member.release()
    members.remove(member)
    acceptor.giveBack()
    if members.all.isEmpty, !acceptor.isOpen { reactor.stop() }
  }
}
