// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The filters for bytes from the peer: they are recorded, and telnet commands are removed and answered.
package struct ReceivingFilters {
  private let recording: Recording?
  private var negotiation: TelnetNegotiation?
  private let control: ControlQueue

  /// Creates the filters.
  ///
  /// - Parameters:
  ///   - recording: The recording of received bytes; `nil` for none.
  ///   - control: The queue of answers to send.
  package init(_ filters: TrafficFilters, _ recording: Recording?, answering control: ControlQueue) {
    self.recording = recording
    negotiation = filters.speaksTelnet ? TelnetNegotiation() : nil
    self.control = control
  }

  /// Whether more may be received; false while too many answers are unsent.
  package var hasRoom: Bool { !control.isFull }

  /// Processes received bytes at the start of a buffer, and moves the payload among them to the front.
  ///
  /// - Returns: The number of payload bytes, and the error of the recording, if any.
  package mutating func receive(
    _ count: Int, of buffer: inout MutableSpan<UInt8>
  ) -> (payload: Int, failure: IOFailure?) {
    var failure: IOFailure?
    do { try recording?.record(buffer.span.extracting(first: count), .received) } catch { failure = error }
    var due: [UInt8] = []
    let payload = negotiation?.receive(count, of: &buffer, answers: &due) ?? count
    control.add(due)
    return (payload, failure)
  }
}
