// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

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
  /// How long to keep trying while nobody listens; `nil` for one try.
  package var retry: Duration?
  /// When to give up whatever else is allowed.
  package var deadline = Deadline.never

  /// Creates a dialer for an endpoint, which tries once.
  package init(to endpoint: Endpoint) { self.endpoint = endpoint }

  /// Connects.
  package func dial() throws(Failure) -> StreamSocket {
    var retrying = Retrying(for: retry, until: deadline)
    // That the time was over in the middle of the last try says less than how the one before ended.
    var reason: ConnectionError?
    while true {
      let end = end(retryingUntil: retrying.end)
      do {
        return try connector.connect(to: try addresses(until: end), until: end)
      } catch let error as ConnectionError {
        if case .timedOut = error, let reason, retrying.end.hasPassed { throw Failure(reason) }
        guard Self.isWorthRetrying(error), let next = retrying.next() else { throw Failure(error) }
        reason = error
        next.sleep()
      } catch let error as ResolutionError {
        if let reason, retrying.end.hasPassed { throw Failure(reason) }
        throw Failure(error)
      } catch {
        fatalError("nothing here throws \(error)")
      }
    }
  }

  /// The addresses of the endpoint, whatever its port is called, with port 0.
  package func addresses() throws(ResolutionError) -> [Address] {
    try addresses(port: "0", until: end(retryingUntil: retry.map(Deadline.after) ?? .now))
  }

  private func addresses(until end: Deadline) throws(ResolutionError) -> [Address] {
    guard case .internet(_, let port) = endpoint else { return try addresses(port: "0", until: end) }
    return try addresses(port: port, until: end)
  }

  private func addresses(port: String, until end: Deadline) throws(ResolutionError) -> [Address] {
    switch endpoint {
    case .unix(let path): [Address(unixPath: path)]
    case .internet(let host, _):
      try resolver.addresses(ofHost: host ?? "localhost", port: try Resolver.port(port), deadline: end)
    }
  }

  /// When one try that begins now has to be over.
  private func end(retryingUntil retryDeadline: Deadline) -> Deadline {
    min(limit.map(Deadline.after) ?? .never, deadline, retry == nil ? .never : retryDeadline)
  }

  private static func isWorthRetrying(_ error: ConnectionError) -> Bool {
    switch error {
    case .timedOut: true
    case .noAddressInFamily: false
    case .failed(let cause): cause.code.mayPass
    }
  }
}
