// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets

/// The local address to send or connect from, from the options `-s` and `-p`.
package struct LocalSource: Equatable, Sendable {
  /// The local host; `nil` leaves the address to the kernel.
  package var host: String?
  /// The local port or service; `nil` leaves the port to the kernel.
  package var port: String?
  /// The option that names the port, for messages.
  package var portOption = "-p"

  /// Creates a source that leaves both to the kernel.
  package init() {}

  /// Looks up the host and the service.
  ///
  /// - Throws: A failure that names the option.
  package func resolve(
    protocol: String, by resolver: Resolver, until deadline: Deadline
  ) throws(Failure) -> (address: IPAddress?, port: UInt16) {
    var number: UInt16 = 0
    if let port {
      do throws(ResolutionError) {
        number = try Resolver.port(port, protocol: `protocol`)
      } catch {
        throw Self.failure(error, of: portOption)
      }
    }
    guard let host else { return (nil, number) }
    do throws(ResolutionError) {
      let addresses = try resolver.addresses(ofHost: host, port: 0, deadline: deadline)
      guard case .internet(let address, _)? = addresses.first else { return (nil, number) }
      return (address, number)
    } catch {
      throw Self.failure(error, of: "-s")
    }
  }

  private static func failure(_ error: ResolutionError, of option: String) -> Failure {
    let failure = Failure(error)
    return Failure(failure.status, "\(option): \(failure.message)", because: failure.cause)
  }
}
