// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// What is done to the bytes of one client of a hub on their way, and when they may go.
///
/// What is to be sent is converted piece by piece, so that what has gone tells how much of the payload has.
struct ClientFilters {
  private var conversion: SendingConversion
  private var negotiation: TelnetNegotiation?
  private var pacing: Pacing?
  private let delay: Duration?
  private let recording: Recording?
  private let answers = AnswerQueue()
  private var isAnsweringOver = false
  private var hasEnded = false
  /// The payload that the piece was made of.
  private var source: [UInt8] = []
  private var piece: ConvertedPiece
  /// The end of the pause after a line.
  private var lineEnd = Deadline.now
  private var sent = 0
  /// What of the piece was sent last.
  private var recent = 0..<0
  /// What the connection had accepted altogether when it accepted the last payload, in bytes.
  private(set) var payloadEnd = 0

  /// The most payload that is converted at once, in bytes: each client has room for it.
  private static let pieceSize = 16 << 10

  /// Begins to filter.
  ///
  /// - Parameter label: What tells the client's lines in a dump from others'.
  init(_ filters: TrafficFilters, label: String) {
    conversion = SendingConversion(
      convertsLineEnds: filters.convertsLineEnds, speaksTelnet: filters.speaksTelnet)
    negotiation = filters.speaksTelnet ? TelnetNegotiation() : nil
    pacing = filters.rate.map { Pacing(rate: $0) }
    delay = filters.delay
    recording = filters.recording?.sharing(label: label)
    piece = ConvertedPiece(of: 0..<0, before: conversion)
  }

  // MARK: Sending

  /// Whether something has to be sent that was taken, or that is no payload.
  var isDue: Bool { !piece.isSent || owes }

  /// Whether answers have to go, or what telnet needs after a last CR.
  private var owes: Bool {
    !isAnsweringOver && (!answers.isEmpty || (hasEnded && conversion.isIncomplete))
  }

  /// All the payload was taken in; nothing is added to it.
  mutating func end() { hasEnded = true }

  /// Drops what is no payload, now and from here on, because it cannot be sent.
  mutating func stopAnswering() {
    isAnsweringOver = true
    answers.close()
    if piece.owed > 0 { piece = ConvertedPiece(of: 0..<0, before: conversion) }
  }

  /// Sees to it that there is something to send, if anything may be sent now.
  ///
  /// - Parameter outbox: What the next payload is taken from.
  /// - Returns: Until when to wait; `nil` if there is something to send, or nothing is left.
  mutating func begin(from outbox: inout Outbox, at now: Deadline) -> Deadline? {
    if piece.isSent {
      if owes {
        beginAnswer()
      } else if !outbox.isEmpty {
        guard lineEnd <= now else { return lineEnd }
        beginPiece(from: &outbox)
      }
    }
    guard !piece.isSent, let pacing, pacing.next > now else { return nil }
    return pacing.next
  }

  private mutating func beginAnswer() {
    piece = ConvertedPiece(of: 0..<0, before: conversion)
    if conversion.isIncomplete { conversion.complete(into: &piece.bytes) }
    answers.move(to: &piece.bytes)
  }

  /// Where there are pauses between lines, a piece is a line at most.
  private mutating func beginPiece(from outbox: inout Outbox) {
    source.removeAll(keepingCapacity: true)
    _ = outbox.offer { (bytes) throws(Never) in
      var count = min(bytes.count, Self.pieceSize)
      if delay != nil, let end = (0..<count).first(where: { bytes[$0] == ASCII.lineFeed }) { count = end + 1 }
      source.append(copying: bytes.extracting(first: count))
      return count
    }
    piece = ConvertedPiece(of: 0..<source.count, before: conversion, reusing: piece.bytes)
    piece.endsLine = source.last == ASCII.lineFeed
    let payload = source
    conversion.convert(payload.span, into: &piece.bytes)
  }

  /// Sends as much of what has begun as may go at a moment.
  ///
  /// - Returns: How much payload has gone with it; `nil` if nothing fitted.
  mutating func send(to socket: SocketEnd, at now: Deadline) throws(SystemError) -> Int? {
    let due = piece.unsent.prefix(max(1, pacing?.allowance(at: now) ?? .max))
    guard case .moved(let count) = try socket.write(piece.bytes.span.extracting(due)) else { return nil }
    sent += count
    pacing?.didSend(count, at: now)
    let payload = source
    let passed = piece.didSend(count, of: payload.span)
    if passed > 0 { payloadEnd = sent }
    if let delay, piece.isSent, piece.endsLine { lineEnd = now + delay }
    recent = due.prefix(count)
    return passed
  }

  /// Records what was sent last.
  ///
  /// - Throws: Why it could not be recorded.
  func record() throws(SystemError) { try recording?.record(piece.bytes.span.extracting(recent), .sent) }

  // MARK: Receiving

  /// Whether nothing more should be received: so many answers are unsent.
  var hasToAnswer: Bool { answers.isFull }

  /// Takes note that bytes came, and leaves what is payload of them at the front.
  ///
  /// - Returns: How many bytes are payload, and why they could not be recorded, if they could not.
  mutating func didReceive(
    _ count: Int, of buffer: inout MutableSpan<UInt8>
  ) -> (payload: Int, failure: SystemError?) {
    var failure: SystemError?
    do { try recording?.record(buffer.span.extracting(first: count), .received) } catch { failure = error }
    var due: [UInt8] = []
    let payload = negotiation?.receive(count, of: &buffer, answers: &due) ?? count
    answers.add(due)
    return (payload, failure)
  }
}
