// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Sessions
import Sockets
import Text

/// One event as a line of JSON; what an event does not have is left out, and bytes that are not UTF-8 are escaped.
struct EventRecord: Encodable {
  /// UTC, as RFC 3339 writes it.
  let time = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  let event: String
  var local: AddressRecord?
  var remote: AddressRecord?
  /// For whom the connection is, where it is not the remote one itself.
  var client: AddressRecord?
  var `protocol`: String?
  var state: String?
  var name: String?
  var value: EffectiveOption.Value?
  var sentBytes: Int?
  var receivedBytes: Int?
  var unsentBytes: Int?
  var sentDatagrams: Int?
  var receivedDatagrams: Int?
  var droppedDatagrams: Int?
  var allowedNetworks: Int?
  var deniedNetworks: Int?
  var seconds: Double?
  var method: String?
  var target: String?
  var httpStatus: Int?
  var process: Int32?
  var thread: Int32?
  var call: String? { didSet { call = call.map(TerminalSafe.escapeBytes) } }
  var result: String? { didSet { result = result.map(TerminalSafe.escapeBytes) } }
  var milliseconds: Double?
  var message: String? { didSet { message = message.map(TerminalSafe.escapeBytes) } }
  var status: Int32?
  var signal: Int32?

  /// Creates a record of an event that happens now.
  init(event: String) { self.event = event }
}

/// JSON as this program writes it: one line, with the keys in a fixed order.
enum JSONLine {
  /// Writes a value as one line, without a newline.
  static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { preconditionFailure("records are always encodable") }
    return TerminalSafe.escapeJSON(String(decoding: data, as: UTF8.self))
  }
}
