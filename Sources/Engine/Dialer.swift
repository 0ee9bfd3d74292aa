// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
import SystemPackage
package import Transport

/// Connects to a peer: looks up its name, opens a connection and, if `retry` is set, tries again while the name is
/// unknown or the connection is refused.
package struct Dialer: Sendable {
  /// The endpoint to connect to.
  package let endpoint: Endpoint
  /// How names are looked up.
  package var resolver = Resolver()
  /// How connections are opened.
  package var connector = Connector()
  /// Creates the stream over a connection, whose handshake, such as that with a proxy, belongs to connecting.
  package var makeTransport: StreamMaking = { SocketStream($0, acknowledged: $1) }
  /// Whether the endpoint is a proxy, for messages.
  package var isOfProxy = false
  /// The time for one look-up and connection, over all addresses; `nil` for as long as the system keeps trying.
  package var limit: Duration?
  /// How long to keep trying until a connection is established; `nil` for one try.
  package var retry: Duration?
  /// When to give up in any case.
  package var deadline = Deadline.never
  /// Called with the reason why a name has no address yet, the first time that it is going to be looked up again.
  package var lookupFailed: @Sendable (ResolutionError) -> Void = { _ in }

  /// Creates a dialer for an endpoint, which tries once.
  package init(to endpoint: Endpoint) { self.endpoint = endpoint }

  /// Connects, and leaves it to the caller to create the stream.
  package func dialSocket() throws(Failure) -> StreamSocket {
    var end = Deadline.never
    return try repeating(&end) { try connector.connect(to: try addresses(until: $0), until: $0) }
  }

  /// Connects.
  ///
  /// - Parameter end: Set to the end of the time for the connection, of which a handshake may use the rest.
  package func dial(_ end: inout Deadline) throws(Failure) -> any ByteStream {
    let stream = try repeating(&end) { try connect(until: $0) }
    end = connector.attemptEnd(before: end)
    return stream
  }

  private func connect(until end: Deadline) throws -> any ByteStream {
    while true {
      let stream = makeTransport(try connector.connect(to: try addresses(until: end), until: end), nil)
      do throws(IOFailure) {
        _ = try stream.completeHandshake(until: connector.attemptEnd(before: end))
        return stream
      } catch {
        stream.abortOnClose()
        guard stream.isWorthRepeating, !end.hasPassed else { throw error }
      }
    }
  }

  /// Makes attempts as long as they are worth repeating.
  private func repeating<Connection: ~Copyable>(
    _ end: inout Deadline, _ attempt: (Deadline) throws -> Connection
  ) throws(Failure) -> Connection {
    var backoff = RetryBackoff(for: retry, until: deadline)
    // The failure of an earlier try is more informative than a time-out in the middle of the last one.
    var reason: Failure?
    var isWarned = false
    while true {
      end = self.end(retryingUntil: backoff.end)
      let (failure, isCut, isTransient): (Failure, Bool, Bool)
      var problem: ResolutionError?
      do {
        return try attempt(end)
      } catch let error as ConnectionError {
        (failure, isCut, isTransient) = (
          Failure(error, ofProxy: isOfProxy), error.isTimeOut, Self.isWorthRetrying(error)
        )
      } catch let error as ResolutionError {
        (failure, isCut, isTransient) = (Failure(error), true, error.isTransient)
        problem = error
      } catch let error as IOFailure {
        (failure, isCut, isTransient) = (Failure(error), error.code == .timedOut, error.code.isTransient)
      } catch {
        fatalError("nothing here throws \(error)")
      }
      if isCut, let reason, backoff.end.hasPassed { throw reason }
      guard isTransient, let next = backoff.next() else { throw failure }
      if let problem, !isWarned {
        lookupFailed(problem)
        isWarned = true
      }
      reason = failure
      next.sleep()
    }
  }

  /// The addresses of the endpoint, looked up until a deadline; with port 0 instead of its port.
  func addresses(ofHostUntil end: Deadline) throws(ResolutionError) -> [Address] {
    try addresses(port: "0", until: end)
  }

  /// The addresses of the endpoint, looked up until a deadline.
  func addresses(until end: Deadline) throws(ResolutionError) -> [Address] {
    guard case .internet(_, let port) = endpoint else { return try addresses(port: "0", until: end) }
    return try addresses(port: port, until: end)
  }

  private func addresses(port: String, until end: Deadline) throws(ResolutionError) -> [Address] {
    switch endpoint {
    case .unix(let path): [Address(unixPath: path)]
    case .vsock(let address): [.vsock(address)]
    case .inherited: preconditionFailure("an inherited socket is not a peer")
    case .internet(let host, _):
      try resolver.addresses(ofHost: host ?? "localhost", port: try Resolver.port(port), deadline: end)
    }
  }

  /// The deadline of a try that begins now.
  private func end(retryingUntil retryDeadline: Deadline) -> Deadline {
    min(limit.map(Deadline.after) ?? .never, deadline, retry == nil ? .never : retryDeadline)
  }

  private static func isWorthRetrying(_ error: ConnectionError) -> Bool {
    switch error {
    case .timedOut: true
    case .noAddressInFamily: false
    case .failed(let cause): cause.code.isTransient
    }
  }
}
