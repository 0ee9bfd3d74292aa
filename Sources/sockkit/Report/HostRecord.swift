// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// The look-up of one name as a line of JSON; missing values are omitted.
struct HostRecord: Encodable {
  /// An address and its family.
  struct HostAddress: Encodable {
    /// `ipv4` or `ipv6`.
    let family: String
    /// The address as text.
    let address: String
  }

  /// The reason why the host was not found.
  struct LookupError: Encodable {
    /// The name of the reason.
    let code: String
    /// The message for people.
    let message: String
  }

  /// The name that was looked up.
  let query: String
  /// The canonical name.
  private(set) var name: String?
  /// The other names.
  private(set) var aliases: [String]?
  /// The addresses.
  private(set) var addresses: [HostAddress]?
  /// The port that was added.
  private(set) var port: UInt16?
  /// The error; `nil` if the host was found.
  private(set) var error: LookupError?
  /// The duration of the look-up.
  let milliseconds: Double

  /// Creates the record of an answer; the port belongs to a host that was found.
  init(_ answer: HostAnswer, port: UInt16?) {
    query = answer.query
    milliseconds = Double(answer.duration.nanosecondsClamped) / 1e6
    switch answer.result {
    case .success(let entry):
      name = entry.name
      aliases = entry.aliases
      addresses = entry.addresses.map {
        HostAddress(family: $0.family == .ipv4 ? "ipv4" : "ipv6", address: "\($0)")
      }
      self.port = port
    case .failure(let failure):
      error = LookupError(code: failure.verdict.rawValue, message: failure.message)
    }
  }
}
