// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Finds a peer: looks its name up, connects, and tries again for as long as nobody listens, if asked to.
package struct Dialer: Sendable {
  /// Who to connect to.
  package let endpoint: Endpoint
  /// How names are looked up.
  package var resolver = Resolver()
  /// How connections are opened.
  package var connector = Connector()
  /// The time for one look-up and connection, over all addresses; `nil` for as long as the system tries.
  package var limit: Duration?
  /// How long to keep trying while nobody listens.
  package var retry: Duration?
  /// When to give up whatever else is allowed.
  package var deadline = Deadline.never

  /// The pause before the second try; each later one is twice as long, up to half a second.
  private static let firstPause = Duration.milliseconds(50)
  private static let longestPause = Duration.milliseconds(500)

  /// Creates a dialer for an endpoint, which tries once.
  package init(to endpoint: Endpoint) { self.endpoint = endpoint }

  /// Connects.
  package func dial() throws(Failure) -> StreamSocket {
    let retryDeadline = retry.map(Deadline.after) ?? .now
    var pause = Self.firstPause
    while true {
      let end = min(limit.map(Deadline.after) ?? .never, deadline, retry == nil ? .never : retryDeadline)
      do {
        return try connector.connect(to: try addresses(until: end), until: end)
      } catch let error as ConnectionError {
        let next = Deadline.after(pause)
        guard Self.isWorthRetrying(error), next < min(retryDeadline, deadline) else {
          throw Failure(error)
        }
        next.sleep()
        pause = min(pause * 2, Self.longestPause)
      } catch let error as ResolutionError {
        throw Failure(error)
      } catch {
        fatalError("nothing here throws \(error)")
      }
    }
  }

  private func addresses(until end: Deadline) throws(ResolutionError) -> [Address] {
    switch endpoint {
    case .unix(let path): [Address(unixPath: path)]
    case .internet(let host, let port):
      try resolver.addresses(ofHost: host ?? "localhost", port: try Resolver.port(port), deadline: end)
    }
  }

  /// Whether the reason may go away by itself: nobody listens yet, or the network is not there yet.
  private static func isWorthRetrying(_ error: ConnectionError) -> Bool {
    switch error {
    case .timedOut: true
    case .noAddressInFamily: false
    case .failed(let cause):
      [
        .connectionRefused, .noRouteToHost, .networkUnreachable, .networkDown, .hostIsDown,
        .timedOut, .noSuchFileOrDirectory,
      ].contains(cause.code)
    }
  }
}
