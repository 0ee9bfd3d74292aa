// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What is done to the bytes that come from the peer: they are recorded, and telnet's commands are taken out and answered.
package struct ReceivingFilters {
  private let recording: Recording?
  private var negotiation: TelnetNegotiation?
  private let control: ControlQueue

  /// Begins to filter.
  ///
  /// - Parameters:
  ///   - recording: Where what is received is recorded; `nil` for nowhere.
  ///   - control: Where answers are put that are to be sent.
  package init(_ filters: TrafficFilters, _ recording: Recording?, answering control: ControlQueue) {
    self.recording = recording
    negotiation = filters.speaksTelnet ? TelnetNegotiation() : nil
    self.control = control
  }

  /// Whether more may be received; not while so many answers are unsent.
  package var hasRoom: Bool { !control.isFull }

  /// Takes bytes that were received, at the beginning of a buffer, and moves what is payload of them to the front.
  ///
  /// - Returns: How many bytes are payload, and why they could not be recorded, if they could not.
  package mutating func receive(
    _ count: Int, of buffer: inout MutableSpan<UInt8>
  ) -> (payload: Int, failure: SystemError?) {
    var failure: SystemError?
    do { try recording?.record(buffer.span.extracting(first: count), .received) } catch { failure = error }
    var due: [UInt8] = []
    let payload = negotiation?.receive(count, of: &buffer, answers: &due) ?? count
    control.add(due)
    return (payload, failure)
  }
}
