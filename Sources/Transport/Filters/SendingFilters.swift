// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// The filters for bytes of one connection on their way to the peer, and the times at which they may be sent.
///
/// They are converted in pieces, so that the number of sent bytes determines how much of the payload was sent. A telnet
/// answer waits for at most one piece, and is never inserted into a sequence that must stay together.
package struct SendingFilters {
  private var conversion: SendingConversion
  private var bucket: TokenBucket?
  private let delay: Duration?
  private let delayUnit: TrafficFilters.DelayUnit
  private let recording: Recording?
  private let control: ControlQueue
  private var isAnsweringOver = false
  private var hasEnded = false
  /// The payload that the chunk was converted from.
  private var source: [UInt8] = []
  private var chunk: EncodedChunk
  /// The end of the pause after a line or a read.
  private var delayEnd = Deadline.now
  private var sent = 0
  /// The number of payload bytes that the connection has accepted.
  package private(set) var passed = 0
  /// The total number of bytes that the connection had accepted when it accepted the last payload.
  package private(set) var payloadEnd = 0

  /// The maximum payload that is converted at once, in bytes: each connection has a buffer of this size.
  private static let chunkSize = 16 << 10

  /// Creates the filters.
  ///
  /// - Parameters:
  ///   - recording: The recording of sent bytes; `nil` for none.
  ///   - control: The queue of answers to send besides the payload.
  package init(_ filters: TrafficFilters, _ recording: Recording?, answering control: ControlQueue) {
    conversion = SendingConversion(
      convertsLineEnds: filters.convertsLineEnds, speaksTelnet: filters.speaksTelnet)
    bucket = filters.rate.map { TokenBucket(rate: $0) }
    delay = filters.delay
    delayUnit = filters.delayUnit
    self.recording = recording
    self.control = control
    chunk = EncodedChunk(of: 0..<0, before: conversion)
  }

  /// Whether bytes taken, or bytes besides the payload, must be sent.
  package var isDue: Bool { !chunk.isSent || owes }

  /// Whether all bytes taken have been sent.
  package var hasRoom: Bool { chunk.isSent || chunk.owed > 0 }

  /// The number of bytes besides the payload that must be sent.
  package var owed: Int {
    let completion = hasEnded && conversion.isIncomplete ? 1 : 0
    return (isAnsweringOver ? 0 : control.count + completion) + chunk.owed
  }

  /// Whether answers must be sent, or the byte that telnet requires after a final CR.
  private var owes: Bool {
    !isAnsweringOver && (!control.isEmpty || (hasEnded && conversion.isIncomplete))
  }

  /// The whole payload has been taken.
  package mutating func end() { hasEnded = true }

  /// Drops all bytes besides the payload, now and in future, because they cannot be sent.
  package mutating func stopAnswering() {
    isAnsweringOver = true
    control.close()
    if chunk.owed > 0 { chunk = EncodedChunk(of: 0..<0, before: conversion) }
  }

  /// When the next bytes may be sent; `nil` if nothing holds them back. A pause between lines does not hold back
  /// answers.
  ///
  /// - Parameter hasPayload: Whether there is payload that has not been taken yet.
  package func pauseEnd(hasPayload: Bool) -> Deadline? {
    guard chunk.isSent, !owes else { return bucket?.next }
    return hasPayload ? max(delayEnd, bucket?.next ?? delayEnd) : nil
  }

  /// Prepares the next chunk to send, if anything may be sent now.
  ///
  /// - Parameter queue: The queue of further payload.
  /// - Returns: The end of the pause; `nil` if there is something to send, or nothing is left.
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

  /// With pauses between lines, a chunk is at most one line.
  private mutating func beginChunk(from queue: inout WriteQueue) {
    source.removeAll(keepingCapacity: true)
    _ = queue.offer { (bytes) throws(Never) in
      var count = min(bytes.count, Self.chunkSize)
      if delay != nil, delayUnit == .line, let end = (0..<count).first(where: { bytes[$0] == ASCII.lineFeed })
      {
        count = end + 1
      }
      source.append(copying: bytes.extracting(first: count))
      return count
    }
    chunk = EncodedChunk(of: 0..<source.count, before: conversion, reusing: chunk.bytes)
    chunk.precedesPause = delayUnit == .read || source.last == ASCII.lineFeed
    let payload = source
    conversion.convert(payload.span, into: &chunk.bytes)
  }

  /// Sends as much of the chunk as may be sent now, and records it.
  ///
  /// - Returns: Whether any bytes were accepted.
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
    if let delay, chunk.isSent, chunk.precedesPause { delayEnd = now + delay }
    do throws(IOFailure) {
      try recording?.record(chunk.bytes.span.extracting(due.prefix(count)), .sent)
    } catch {
      throw .recording(error)
    }
    return true
  }
}
