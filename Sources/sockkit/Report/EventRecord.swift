// SPDX-License-Identifier: GPL-3.0-or-later

import JSON
import Sessions
import Sockets
import Text

/// One event as a line of JSON; missing values are omitted, and bytes that are not UTF-8 are escaped.
struct EventRecord: Encodable {
  /// The time in UTC, in the format of RFC 3339.
  let time = Timestamp.now
  /// The name of the event.
  let event: String
  /// The local address.
  var local: AddressRecord?
  /// The remote address.
  var remote: AddressRecord?
  /// The client of a forwarded connection, if it is not the remote address itself.
  var client: AddressRecord?
  /// `tcp`, `udp`, `sctp`, `unix` or `vsock`.
  var `protocol`: String?
  /// The state of a checked port.
  var state: String?
  /// The name of a socket option.
  var name: String?
  /// The value of a socket option.
  var value: EffectiveOption.Value?
  /// The version of TLS.
  var version: String?
  /// The cipher of TLS.
  var cipher: String?
  /// The group of the key exchange; null for none.
  var group: Nullable<String>?
  /// The application protocol that was agreed on; null for none.
  var alpn: Nullable<String>?
  /// The server name that the client has sent; null for none.
  var sni: Nullable<String>?
  /// Whether an earlier TLS session was resumed.
  var resumed: Bool?
  /// Whether the peer's certificate was verified.
  var verified: Bool?
  /// What the server's OCSP response says.
  var staple: StapleRecord?
  /// The peer's certificate.
  var peer: CertificateRecord?
  /// How the peer has ended TLS.
  var end: String?
  /// When TLS has failed.
  var stage: String?
  /// Why TLS has failed.
  var reason: String? { didSet { reason = reason.map(TerminalSafe.escapeBytes) } }
  /// The alert with which the peer has ended TLS.
  var alert: AlertRecord?
  /// The number of bytes sent.
  var sentBytes: Int?
  /// The number of bytes received.
  var receivedBytes: Int?
  /// The number of bytes that were not sent.
  var unsentBytes: Int?
  /// The number of datagrams sent.
  var sentDatagrams: Int?
  /// The number of datagrams received.
  var receivedDatagrams: Int?
  /// The number of datagrams dropped.
  var droppedDatagrams: Int?
  /// The number of networks on the list of allowed ones.
  var allowedNetworks: Int?
  /// The number of networks on the list of denied ones.
  var deniedNetworks: Int?
  /// The user of a proxy.
  var user: String? { didSet { user = user.map(TerminalSafe.escapeBytes) } }
  /// The number of users.
  var users: Int?
  /// The version of Landlock that is in force.
  var landlock: Int?
  /// Whether system calls are filtered by seccomp.
  var filtersCalls: Bool?
  /// The duration in seconds.
  var seconds: Double?
  /// The method of an HTTP request.
  var method: String?
  /// The target of an HTTP request.
  var target: String?
  /// The further values of a PROXY header, by their names.
  var values: [String: String]?
  /// The proxies on the way, in their order.
  var proxy: String?
  /// The status of an HTTP response.
  var httpStatus: Int?
  /// The process that made a traced call.
  var process: Int32?
  /// The thread that made a traced call.
  var thread: Int32?
  /// A traced call.
  var call: String? { didSet { call = call.map(TerminalSafe.escapeBytes) } }
  /// The result of a traced call.
  var result: String? { didSet { result = result.map(TerminalSafe.escapeBytes) } }
  /// The duration in milliseconds.
  var milliseconds: Double?
  /// Whether a message was `sent` or `received`.
  var direction: String?
  /// The message for people.
  var message: String? { didSet { message = message.map(TerminalSafe.escapeBytes) } }
  /// The exit status.
  var status: Int32?
  /// The signal that ended a command.
  var signal: Int32?

  /// Creates a record of an event that happens now.
  init(event: String) { self.event = event }
}

/// JSON in the form that this program writes: one line, with the keys in a fixed order.
enum JSONLine {
  /// Writes a value as one line, without a newline.
  static func encode(_ value: some Encodable) -> String {
    guard let text = try? JSON.encode(value) else { preconditionFailure("records are always encodable") }
    return TerminalSafe.escapeJSON(text)
  }
}

/// A value of a record that is null rather than absent if there is none.
struct Nullable<Value: Encodable>: Encodable {
  private let value: Value?

  /// Wraps a value.
  init(_ value: Value?) { self.value = value }

  /// Encodes the value, or null.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
