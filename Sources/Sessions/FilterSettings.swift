// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// The filters of a session, before their files are opened.
package struct FilterSettings: Sendable {
  /// Whether LF is sent as CRLF.
  package var convertsLineEnds = false
  /// Whether telnet is spoken.
  package var speaksTelnet = false
  /// The maximum number of bytes to send per second; `nil` for no limit.
  package var rate: Int?
  /// The pause between sent lines; `nil` for none.
  package var delay: Duration?
  /// The pause between received lines or reads; `nil` for none.
  package var receivedDelay: Duration?
  /// What the pause of `receivedDelay` follows.
  package var receivedDelayUnit = TrafficFilters.DelayUnit.line
  /// The files that record the traffic.
  package var records = RecordPaths()

  /// Creates settings that change nothing.
  package init() {}

  /// Whether any filter is enabled.
  package var areAny: Bool {
    convertsLineEnds || speaksTelnet || rate != nil || delay != nil || receivedDelay != nil || records.areAny
  }

  /// Creates the filters and opens the files.
  ///
  /// - Throws: A failure to open a file.
  package func open(_ observer: any SessionObserver) throws(IOFailure) -> TrafficFilters {
    var filters = TrafficFilters()
    filters.convertsLineEnds = convertsLineEnds
    filters.speaksTelnet = speaksTelnet
    filters.rate = rate
    filters.delay = delay
    filters.receivedDelay = receivedDelay
    filters.receivedDelayUnit = receivedDelayUnit
    filters.recording = try records.open(observer).map { Recording(in: $0) }
    return filters
  }
}
