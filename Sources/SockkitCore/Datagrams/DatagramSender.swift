// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Sends messages as datagrams, at a pace, and stays for the replies.
///
/// Of several addresses of a host the first is used that does not refuse the first datagram at once, as one of
/// this machine does where nobody receives.
package struct DatagramSender: ~Copyable {
  /// Opens a socket that sends to an address.
  package typealias Opening = (Address) throws(SystemError) -> DatagramSocket

  /// How long replies may keep it from sending.
  private static let replyTurn = Duration.milliseconds(10)

  private var socket: DatagramSocket
  private var alternatives: [Address]
  private let open: Opening
  private let attemptFailed: (SystemError) -> Void
  private let batch: DatagramBatch
  private var reader: MessageReader
  private var pace: Pace
  private var next = 0
  private var mayComeMore = true
  private var waitsForInput = false
  private var waitsForRoom = false
  /// What was wrong with the input, which is said once everything before it is sent.
  private var inputFailure: Failure?
  /// What was sent.
  package private(set) var sent = DatagramTally()
  /// What came in reply; `nil` where nobody waits for any.
  package private(set) var replies: DatagramReplies?

  /// Opens a socket to the first address that has a route.
  ///
  /// - Parameters:
  ///   - addresses: At least one.
  ///   - attemptFailed: Told of an address that is given up for the next one.
  ///   - repetitions: How often each message is sent.
  /// - Throws: A `Failure` if a message is too long, before anything is sent, or a `SystemError`.
  package init(
    to addresses: [Address], opening open: @escaping Opening,
    attemptFailed: @escaping (SystemError) -> Void = { _ in }, messages: MessageSource,
    repetitions: Int = 1, pace: Pace = Pace(interval: nil), replies: DatagramReplies? = nil
  ) throws {
    let narrowest = addresses.map(\.family).first { $0 == .ipv4 } ?? addresses[0].family
    let reader = try MessageReader(messages, repetitions: repetitions, over: narrowest)
    var alternatives = addresses
    let batch = try DatagramBatch(over: narrowest)
    let socket = try Self.openFirst(of: &alternatives, open, attemptFailed)
    self.init(socket, alternatives, open, attemptFailed, batch, reader, pace, replies)
  }

  private init(
    _ socket: consuming DatagramSocket, _ alternatives: [Address], _ open: @escaping Opening,
    _ attemptFailed: @escaping (SystemError) -> Void, _ batch: DatagramBatch, _ reader: MessageReader,
    _ pace: Pace,
    _ replies: DatagramReplies?
  ) {
    self.socket = socket
    self.batch = batch
    self.reader = reader
    self.alternatives = alternatives
    self.open = open
    self.attemptFailed = attemptFailed
    self.pace = pace
    self.replies = replies
  }

  private static func openFirst(
    of addresses: inout [Address], _ open: Opening, _ attemptFailed: (SystemError) -> Void
  ) throws(SystemError) -> DatagramSocket {
    while true {
      let address = addresses.removeFirst()
      do { return try open(address) } catch {
        if addresses.isEmpty || !error.isAboutPeer { throw error }
        attemptFailed(error)
      }
    }
  }

  /// The address that is sent to.
  package var remote: Address { socket.remote ?? .unnamed }

  /// Sends everything, and then stays for the replies.
  ///
  /// - Throws: A `Failure` if the input is wrong or fewer replies came than were expected, a `SystemError` if
  ///   sending was refused or a stream broke.
  package mutating func run() throws {
    while !isAllSent() {
      try sendDue()
      try wait()
      try replies?.receive(from: socket, until: .after(Self.replyTurn))
    }
    if let inputFailure { throw inputFailure }
    try replies?.stay(on: socket)
    try socket.throwPendingError()
  }

  /// Fetches further messages once those that were fetched are sent.
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
    let (batch, destination, remote) = (batch, socket.destination, remote)
    waitsForInput = false
    while !batch.isFull, mayComeMore, !waitsForInput {
      do throws(Failure) {
        let found = try reader.next { (bytes) throws(SystemError) in
          do throws(Errno) { try batch.append(bytes, nothing.span, to: destination) } catch {
            throw SystemError(.sendDatagram(to: remote), error)
          }
        }
        waitsForInput = found == .wouldBlock
        mayComeMore = found != .endOfStream
      } catch {
        inputFailure = error
        mayComeMore = false
      }
    }
  }

  private mutating func sendDue() throws(SystemError) {
    let now = Deadline.now
    var due = min(batch.count - next, pace.allowance(at: now))
    waitsForRoom = false
    guard due > 0 else { return }
    if !alternatives.isEmpty { due = 1 }
    do {
      let count = try socket.send(batch, from: next, count: due)
      waitsForRoom = count == 0
      // What stops a call before its end may be a refusal of something that was sent earlier.
      if count < due || !alternatives.isEmpty { try socket.throwPendingError() }
      if count > 0 { alternatives = [] }
      sent.add(batch, next..<next + count)
      pace.sent(count, at: now)
      next += count
    } catch {
      guard !alternatives.isEmpty, error.isAboutPeer else { throw error }
      attemptFailed(error)
      socket = try Self.openFirst(of: &alternatives, open, attemptFailed)
    }
  }

  /// Waits for what has to come first: the time of the next datagram, room for it, or a further message.
  private mutating func wait() throws(SystemError) {
    let hasMore = next < batch.count
    guard hasMore || waitsForInput else { return }
    var readiness = PollSet()
    var interest: Readiness = replies?.isComplete ?? true ? [] : .readable
    if waitsForRoom { interest.insert(.writable) }
    readiness.add(socket.number, for: interest)
    if !hasMore, let input = reader.descriptor { readiness.add(input, for: .readable) }
    _ = try readiness.wait(until: hasMore && !waitsForRoom ? pace.next : .never)
    // Taken here, because on a socket that nobody reads from it would be ready for ever.
    if readiness.readiness(of: socket.number).contains(.failed) { try socket.throwPendingError() }
  }
}

extension SystemError {
  /// Whether the peer, or the way to it, is what is wrong, so that another address may do.
  fileprivate var isAboutPeer: Bool { ExitStatus(self) == .unavailable }
}
