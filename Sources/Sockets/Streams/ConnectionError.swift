// SPDX-License-Identifier: GPL-3.0-or-later

/// The reason why no connection was established.
package enum ConnectionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A call failed; for several addresses, the call for the last one.
  case failed(IOFailure)
  /// No address answered in time; the first address is named.
  case timedOut(Address)
  /// No address has the family of the source address; the first address is named.
  case noAddressInFamily(of: IPAddress, Address)

  /// Whether the time ran out before an address answered.
  package var isTimeOut: Bool {
    if case .timedOut = self { true } else { false }
  }

  /// `connect to 192.0.2.1:80: timed out`.
  package var description: String {
    switch self {
    case .failed(let error): "\(error)"
    case .timedOut(let address): "connect to \(address): timed out"
    case .noAddressInFamily(let source, let address):
      "connect to \(address) from \(source): \(source) is \(source.family.title), \(address.host) is \(address.family.title)"
    }
  }
}
