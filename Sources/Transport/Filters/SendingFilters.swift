// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// What is done to the bytes of one connection on their way to the peer, and when they may go.
///
/// They are converted in pieces, so that what was sent says how much of the payload was, and an answer of telnet waits for
/// one piece at most and is never put inside of what belongs together.
package struct SendingFilters {
  private var conversion: SendingConversion
  private var bucket: TokenBucket?
  private let delay: Duration?
  private let recording: Recording?
  private let control: ControlQueue
  private var isAnsweringOver = false
  private var hasEnded = false
  /// The payload that the chunk was made of.
  private var source: [UInt8] = []
  private var chunk: EncodedChunk
  /// The end of the pause after a line.
  private var lineEnd = Deadline.now
  private var sent = 0
  /// The payload that the connection has accepted, in bytes.
  package private(set) var passed = 0
  /// What the connection had accepted altogether when it accepted the last payload, in bytes.
  package private(set) var payloadEnd = 0

  /// The most payload that is converted at once, in bytes: each connection has room for it.
  private static let chunkSize = 16 << 10

  /// Begins to filter.
  ///
  /// - Parameters:
  ///   - recording: Where what is sent is recorded; `nil` for nowhere.
  ///   - control: The answers that are to be sent beside the payload.
  package init(_ filters: TrafficFilters, _ recording: Recording?, answering control: ControlQueue) {
    conversion = SendingConversion(
      convertsLineEnds: filters.convertsLineEnds, speaksTelnet: filters.speaksTelnet)
    bucket = filters.rate.map { TokenBucket(rate: $0) }
    delay = filters.delay
    self.recording = recording
    self.control = control
    chunk = EncodedChunk(of: 0..<0, before: conversion)
  }

  /// Whether something has to be sent that was taken, or that is no payload.
  package var isDue: Bool { !chunk.isSent || owes }

  /// Whether nothing that was taken is left.
  package var hasRoom: Bool { chunk.isSent || chunk.owed > 0 }

  /// How many bytes have to be sent that are no payload.
  package var owed: Int {
    let completion = hasEnded && conversion.isIncomplete ? 1 : 0
    return (isAnsweringOver ? 0 : control.count + completion) + chunk.owed
  }

  /// Whether answers have to go, or what telnet needs after a last CR.
  private var owes: Bool {
    !isAnsweringOver && (!control.isEmpty || (hasEnded && conversion.isIncomplete))
  }

  /// All the payload was taken in; nothing is added to it.
  package mutating func end() { hasEnded = true }

  /// Drops what is no payload, now and from here on, because it cannot be sent.
  package mutating func stopAnswering() {
    isAnsweringOver = true
    control.close()
    if chunk.owed > 0 { chunk = EncodedChunk(of: 0..<0, before: conversion) }
  }

  /// When the next bytes may go; `nil` if nothing keeps them back. A pause between lines is none for an answer.
  ///
  /// - Parameter hasPayload: Whether there is payload that was not taken yet.
  package func pauseEnd(hasPayload: Bool) -> Deadline? {
    guard chunk.isSent, !owes else { return bucket?.next }
    return hasPayload ? max(lineEnd, bucket?.next ?? lineEnd) : nil
  }

  /// Makes the next chunk to be sent, if anything may be sent now.
  ///
  /// - Parameter queue: What the next payload is taken from.
  /// - Returns: Until when to wait; `nil` if there is something to send, or nothing is left.
  package mutating func begin(from queue: inout WriteQueue, at now: Deadline) -> Deadline? {
    if let pauseEnd = pauseEnd(hasPayload: !queue.isEmpty), pauseEnd > now { return pauseEnd }
    guard chunk.isSent else { return nil }
    if owes { beginAnswer() } else if !queue.isEmpty { beginChunk(from: &queue) }
    return nil
  }

  private mutating func beginAnswer() {
    chunk = EncodedChunk(of: 0..<0, before: conversion)
    if conversion.isIncomplete { conversion.complete(into: &chunk.bytes) }
    control.move(to: &chunk.bytes)
  }

  /// Where there are pauses between lines, a chunk is a line at most.
  private mutating func beginChunk(from queue: inout WriteQueue) {
    source.removeAll(keepingCapacity: true)
    _ = queue.offer { (bytes) throws(Never) in
      var count = min(bytes.count, Self.chunkSize)
      if delay != nil, let end = (0..<count).first(where: { bytes[$0] == ASCII.lineFeed }) { count = end + 1 }
      source.append(copying: bytes.extracting(first: count))
      return count
    }
    chunk = EncodedChunk(of: 0..<source.count, before: conversion, reusing: chunk.bytes)
    chunk.endsLine = source.last == ASCII.lineFeed
    let payload = source
    conversion.convert(payload.span, into: &chunk.bytes)
  }

  /// Sends as much of the chunk as may go at a moment, and records it.
  ///
  /// - Returns: Whether anything was accepted.
  package mutating func send(to sink: any ByteSink, at now: Deadline) throws(SideFailure) -> Bool {
    let due = chunk.unsent.prefix(max(1, bucket?.allowance(at: now) ?? .max))
    let transfer: Transfer
    do { transfer = try sink.write(chunk.bytes.span.extracting(due)) } catch { throw .sink(error) }
    guard case .moved(let count) = transfer else { return false }
    sent += count
    bucket?.didSend(count, at: now)
    let payload = source
    let payloadCount = chunk.didSend(count, of: payload.span)
    passed += payloadCount
    if payloadCount > 0 { payloadEnd = sent }
    if let delay, chunk.isSent, chunk.endsLine { lineEnd = now + delay }
    do throws(SystemError) {
      try recording?.record(chunk.bytes.span.extracting(due.prefix(count)), .sent)
    } catch {
      throw .recording(error)
    }
    return true
  }
}
