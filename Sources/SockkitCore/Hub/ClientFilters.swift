// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// What is done to the bytes of one client of a hub on their way, and when they may go.
struct ClientFilters {
  private var conversion: SendingConversion
  private var negotiation: TelnetNegotiation?
  private var pacing: Pacing?
  private let delay: Duration?
  private let recording: Recording?
  /// The end of the pause after a line.
  private var lineEnd = Deadline.now

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
  }

  // MARK: Sending

  /// When bytes may go; in the past if they may now.
  var resumption: Deadline { max(pacing?.next ?? lineEnd, lineEnd) }

  /// Converts the next bytes to be sent.
  mutating func convert(_ bytes: Span<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    conversion.convert(bytes, into: &result)
    return result
  }

  /// What has to go behind the last bytes, or before what is no part of them.
  mutating func complete() -> [UInt8] {
    var result: [UInt8] = []
    if conversion.isIncomplete { conversion.complete(into: &result) }
    return result
  }

  /// How many of converted bytes may be sent at a moment.
  func allowance(of bytes: Span<UInt8>, at now: Deadline) -> Int {
    guard resumption <= now else { return 0 }
    let count = min(bytes.count, max(1, pacing?.allowance(at: now) ?? .max))
    guard delay != nil else { return count }
    let end = (0..<count).first { bytes[$0] == ASCII.lineFeed }
    return end.map { $0 + 1 } ?? count
  }

  /// Takes note that bytes were sent.
  ///
  /// - Throws: Why they could not be recorded.
  mutating func didSend(_ bytes: Span<UInt8>, at now: Deadline) throws(SystemError) {
    guard bytes.count > 0 else { return }
    pacing?.didSend(bytes.count, at: now)
    if let delay, bytes[bytes.count - 1] == ASCII.lineFeed { lineEnd = now + delay }
    try recording?.record(bytes, .sent)
  }

  // MARK: Receiving

  /// Takes note that bytes came, and leaves what is payload of them at the front.
  ///
  /// - Parameter answers: Where to add what is to be sent back.
  /// - Returns: How many bytes are payload.
  /// - Throws: Why they could not be recorded.
  mutating func didReceive(
    _ count: Int, of buffer: inout MutableSpan<UInt8>, answers: inout [UInt8]
  ) throws(SystemError) -> Int {
    try recording?.record(buffer.span.extracting(first: count), .received)
    return negotiation?.receive(count, of: &buffer, answers: &answers) ?? count
  }
}
