// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
import SystemPackage
package import Transport

/// Sends messages as datagrams at a given rate, and waits for the replies.
///
/// Messages of the command line are all sent or not at all: an error ends the sending. A stream continues while its
/// receiver is down: for messages from standard input an error is reported once, and sending continues.
package struct DatagramSender {
  /// Opens a socket that sends to an address.
  package typealias Opening = (Address) throws(IOFailure) -> DatagramSocket
  /// How datagrams are protected.
  package struct Protection {
    /// Creates the session that protects the datagrams to an address.
    let makeSession: (Address) -> any DatagramSession
    /// The maximum length of a message.
    let longestMessage: Int

    /// Describes a protection.
    package init(longestMessage: Int, makeSession: @escaping (Address) -> any DatagramSession) {
      self.longestMessage = longestMessage
      self.makeSession = makeSession
    }
  }

  /// The longest time for which receiving replies may delay sending.
  private static let replyTurn = Duration.milliseconds(10)

  private let route: DatagramRoute
  private let report: (DatagramSendingEvent) -> Void
  private let goesOn: Bool
  private var outage = Outage()
  private let batch: DatagramBatch
  private var reader: MessageReader
  private let reactor = Reactor.forFew()
  private let inputWatch: Watch?
  private var schedule: SendSchedule
  private var next = 0
  private var mayComeMore = true
  private var waitsForInput = false
  private var waitsForRoom = false
  private var isBinaryReported = false
  /// The messages that are received although no replies are awaited; `nil` before the first.
  private var unawaited: DatagramBatch?
  /// The error of the input, which is thrown once everything before it has been sent.
  private var inputFailure: Failure?
  /// The counters of sent datagrams.
  package private(set) var sent = DatagramTally()
  /// The replies; `nil` if no replies are awaited.
  package private(set) var replies: DatagramReplies?

  /// Opens a socket to the first address that has a route.
  ///
  /// - Parameters:
  ///   - addresses: At least one; only that of the relay with an association.
  ///   - association: The association with a proxy that relays the datagrams; `nil` for none.
  ///   - protection: How datagrams are protected; `nil` for plain ones.
  ///   - report: Called with events that do not end the sending.
  ///   - repetitions: How often each message is sent.
  /// - Throws: A `Failure` if a message is too long, before anything is sent, or a `IOFailure`.
  package init(
    to addresses: [Address], through association: DatagramAssociation? = nil,
    opening open: @escaping Opening, protecting protection: Protection? = nil,
    report: @escaping (DatagramSendingEvent) -> Void = { _ in }, messages: MessageSource,
    repetitions: Int = 1, schedule: SendSchedule = SendSchedule(interval: nil),
    replies: DatagramReplies? = nil
  ) throws {
    let narrowest = addresses.map(\.family).first { $0 == .ipv4 } ?? addresses[0].family
    let carrier =
      association.map { ($0.longestMessage, "SOCKS") }
      ?? (Datagram.maximumLength(over: narrowest), narrowest.protocolName)
    let (limit, medium) = protection.map { (min($0.longestMessage, carrier.0), "DTLS") } ?? carrier
    reader = try MessageReader(messages, repetitions: repetitions, limit: limit, over: medium)
    batch = try DatagramBatch(over: narrowest)
    inputWatch = try reader.descriptor.map { [reactor] (input) throws(IOFailure) in
      try Watch(input, in: reactor)
    }
    goesOn = messages.isStream
    route = DatagramRoute(
      to: addresses, through: association, opening: open, protecting: protection?.makeSession, report: report)
    self.report = report
    self.schedule = schedule
    self.replies = replies
    do { try route.open() } catch {
      guard goesOn, error.isTransient else { throw error }
      meet(error)
    }
  }

  /// Sends everything, and then waits for the replies.
  ///
  /// - Returns: The reason why the last messages did not arrive, if that has already been reported.
  /// - Throws: A `Failure` if the input is invalid or fewer replies arrived than expected, a `IOFailure` if sending
  ///   was refused or a stream broke.
  package mutating func run() throws -> IOFailure? {
    while !isAllSent() {
      try sendDue()
      try wait()
      try receiveReplies()
    }
    if let inputFailure { throw inputFailure }
    let end = Deadline.now
    do {
      let before = replies?.received.datagrams
      try replies?.stay(on: route)
      if replies?.received.datagrams != before { endOutage(isAnswered: true) }
      if let linger = route.linger {
        _ = try route.wait(for: [], until: replies?.isComplete == true ? end : end + linger)
      }
      try awaitEnd()
      route.end()
    } catch let error as IOFailure {
      guard outage.error != nil, case .sendDatagram = error.operation else { throw error }
      return error
    } catch let failure as Failure where outage.error != nil {
      // The missing replies are explained by the outage.
      guard failure.status == .timedOut else { throw failure }
    }
    return outage.error
  }

  /// Waits until it is known whether an outage is over, and throws an error reported for the last messages.
  private mutating func awaitEnd() throws(IOFailure) {
    while true {
      // Errors first: an error that arrives at the last moment counts.
      if let error = try route.nextError() { throw error }
      endOutage()
      guard outage.end != .never, try route.wait(for: [], until: outage.end) != nil else { return }
    }
  }

  /// Fetches further messages once all fetched messages are sent.
  private mutating func isAllSent() -> Bool {
    if next == batch.count {
      batch.removeAll()
      next = 0
      fill()
    }
    return batch.count == 0 && !mayComeMore
  }

  private mutating func fill() {
    let nothing: [UInt8] = []
    let (batch, remote) = (batch, route.remote)
    waitsForInput = false
    while !batch.isFull, mayComeMore, !waitsForInput {
      do throws(Failure) {
        let found = try reader.next { (bytes) throws(IOFailure) in
          do throws(Errno) { try batch.append(bytes, nothing.span) } catch {
            throw IOFailure(.sendDatagram(to: remote), error)
          }
        }
        waitsForInput = found == .wouldBlock
        mayComeMore = found != .endOfStream
      } catch {
        inputFailure = error
        mayComeMore = false
      }
    }
    guard reader.hasBinaryLine, !isBinaryReported else { return }
    isBinaryReported = true
    report(.inputIsNotText)
  }

  private mutating func sendDue() throws(IOFailure) {
    let now = Deadline.now
    let due = min(batch.count - next, schedule.allowance(at: now))
    waitsForRoom = false
    guard due > 0 else { return }
    let count: Int
    do throws(IOFailure) {
      count = try send(due)
      waitsForRoom = count == 0
      sent.add(batch, next..<next + count)
      if count > 0 { outage.sent(at: now) }
      advance(by: count, at: now)
    } catch {
      guard !route.giveUp(because: error) else { return }
      guard goesOn else { throw error }
      // If the error concerns an earlier datagram, this one was not sent, and is sent again.
      guard try !takeErrors() else { return }
      guard error.isTransient else { throw error }
      meet(error)
      // The message opens another session.
      if case .truncated = error.reason { return }
      return advance(by: 1, at: now)
    }
    // A call that stopped early may have met the refusal of an earlier datagram.
    if count < due { try takeErrors() }
  }

  /// Sends at most `due` datagrams; only one as long as the address may be wrong.
  private func send(_ due: Int) throws(IOFailure) -> Int {
    try route.open()
    guard route.hasAlternatives else { return try route.send(batch, from: next, count: due) }
    let count = try route.send(batch, from: next, count: 1)
    if let error = try route.nextError() { throw error }
    if count > 0 { route.choose() }
    return count
  }

  private mutating func advance(by count: Int, at moment: Deadline) {
    schedule.sent(count, at: moment)
    next += count
  }

  /// Takes the errors reported for sent datagrams.
  ///
  /// - Returns: Whether there were any.
  /// - Throws: The first one, if it ends the sending.
  @discardableResult
  private mutating func takeErrors() throws(IOFailure) -> Bool {
    var isAny = false
    while let error = try route.nextError() {
      guard goesOn else { throw error }
      meet(error)
      isAny = true
    }
    return isAny
  }

  /// Handles an error that does not end the sending.
  private mutating func meet(_ error: IOFailure) {
    // The path MTU turned out to be smaller, and the kernel has recorded it; or the message cannot be protected. Only this
    // one is lost.
    if [.messageTooLong, .illegalByteSequence].contains(error.code) { return report(.failed(error)) }
    if outage.meet(error, at: .now) { report(.failed(error)) }
    route.restart()
  }

  private mutating func endOutage(isAnswered: Bool = false) {
    guard let error = outage.finish(at: .now, isAnswered: isAnswered) else { return }
    if case .sendDatagram(let address) = error.operation { report(.recovered(address)) }
  }

  private mutating func receiveReplies() throws(IOFailure) {
    guard let before = replies?.received.datagrams else { return try receiveUnawaited() }
    do { try replies?.receive(from: route, until: .after(Self.replyTurn)) } catch {
      guard goesOn, case .sendDatagram = error.operation else { throw error }
      if try !takeErrors() { meet(error) }
    }
    if replies?.received.datagrams != before { endOutage(isAnswered: true) }
  }

  /// Receives what a session needs, and discards messages.
  private mutating func receiveUnawaited() throws(IOFailure) {
    guard route.mustReceive else { return }
    if unawaited == nil { unawaited = try DatagramBatch(over: route.remote.family) }
    guard let messages = unawaited else { return }
    let end = Deadline.after(Self.replyTurn)
    while !end.hasPassed, try route.receive(into: messages, limit: .max) {}
    try takeErrors()
  }

  /// Waits for the next requirement: the time of the next datagram, room for it, or another message.
  private mutating func wait() throws(IOFailure) {
    let hasMore = next < batch.count
    guard hasMore || waitsForInput else { return }
    var interest: Readiness = (replies?.isComplete ?? true) && !route.mustReceive ? [] : .readable
    if waitsForRoom { interest.insert(.writable) }
    try route.watch(for: interest, in: reactor)
    try inputWatch?.watch(for: !hasMore && reader.descriptor != nil ? .readable : nil)
    try reactor.turn(until: min(hasMore && !waitsForRoom ? schedule.next : .never, outage.end))
    // Handled here, because a socket that is not read from would stay ready.
    if try route.takeReadiness().contains(.failed) { try takeErrors() }
    endOutage()
  }
}
