// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// The look-up of one name as a line of JSON; what it does not have is left out.
struct HostRecord: Encodable {
  /// An address and its kind.
  struct HostAddress: Encodable {
    let family: String
    let address: String
  }

  /// Why the host was not found.
  struct LookupError: Encodable {
    let code: String
    let message: String
  }

  let query: String
  private(set) var name: String?
  private(set) var aliases: [String]?
  private(set) var addresses: [HostAddress]?
  private(set) var port: UInt16?
  private(set) var error: LookupError?
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
