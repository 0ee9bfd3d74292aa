// SPDX-License-Identifier: GPL-3.0-or-later

/// Why no connection came about.
package enum ConnectionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A call failed, for the last of the addresses if there were several.
  case failed(SystemError)
  /// No address answered in time; the first one is named.
  case timedOut(Address)
  /// No address fits the source address.
  case noAddressInFamily(of: IPAddress)

  /// `connect to 192.0.2.1:80: timed out`.
  package var description: String {
    switch self {
    case .failed(let error): "\(error)"
    case .timedOut(let address): "connect to \(address): timed out"
    case .noAddressInFamily(let source): "connect from \(source): the host has no address of this family"
    }
  }
}
