// SPDX-License-Identifier: GPL-3.0-or-later

/// The filters that the traffic of a connection passes through.
package struct TrafficFilters {
  /// What a pause follows.
  package enum DelayUnit: Sendable {
    /// Each line.
    case line
    /// What was read at once.
    case read
  }

  /// Whether LF is sent as CRLF.
  package var convertsLineEnds = false
  /// Whether telnet is spoken: options are declined and removed from the output.
  package var speaksTelnet = false
  /// The maximum number of bytes to send per second; `nil` for no limit.
  package var rate: Int?
  /// The pause between lines that are sent.
  package var delay: Duration?
  /// What the pause of `delay` follows.
  package var delayUnit = DelayUnit.line
  /// The pause between lines or reads that are received.
  package var receivedDelay: Duration?
  /// What the pause of `receivedDelay` follows.
  package var receivedDelayUnit = DelayUnit.line
  /// The recording of the traffic, as it goes over the wire.
  package var recording: Recording?

  /// Creates filters without effect.
  package init() {}

  /// The filters of received bytes on their way to the output; `nil` if nothing holds them back.
  package var ofOutput: SendingFilters? {
    guard receivedDelay ?? .zero > .zero else { return nil }
    var filters = TrafficFilters()
    (filters.delay, filters.delayUnit) = (receivedDelay, receivedDelayUnit)
    return SendingFilters(filters, nil, answering: ControlQueue())
  }

  /// Whether any filter has an effect.
  package var areAny: Bool { needSentBytes || needReceivedBytes || rate != nil }

  /// Whether a filter needs to read the bytes that are sent.
  package var needSentBytes: Bool {
    convertsLineEnds || speaksTelnet || delay ?? .zero > .zero || recording != nil
  }

  /// Whether a filter needs to read the bytes that are received.
  package var needReceivedBytes: Bool { speaksTelnet || recording != nil }
}
