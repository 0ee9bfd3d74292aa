// SPDX-License-Identifier: GPL-3.0-or-later

/// What is done to the traffic of a connection beside carrying it.
package struct TrafficFilters {
  /// Whether LF is sent as CRLF.
  package var convertsLineEnds = false
  /// Whether telnet is spoken: its options are declined and kept out of the output.
  package var speaksTelnet = false
  /// The most bytes to send in a second; `nil` for no limit.
  package var rate: Int?
  /// The pause between lines that are sent.
  package var delay: Duration?
  /// What is kept of the traffic, as it goes over the wire.
  package var recording: Recording?

  /// Creates filters that leave everything as it is.
  package init() {}

  /// Whether there is anything to do.
  package var areAny: Bool { needSentBytes || needReceivedBytes || rate != nil }

  /// Whether the bytes that are sent have to be seen.
  package var needSentBytes: Bool {
    convertsLineEnds || speaksTelnet || delay ?? .zero > .zero || recording != nil
  }

  /// Whether the bytes that are received have to be seen.
  package var needReceivedBytes: Bool { speaksTelnet || recording != nil }
}
