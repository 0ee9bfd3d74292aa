// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage
package import Transport

/// Determines which ports of a host accept connections: many at a time, without sending a byte.
package struct PortScan: Sendable {
  /// The time for one try of a port, over all addresses; `nil` for as long as the system keeps trying.
  package var limit: Duration?
  /// How long ports that are not open are tried again, and an unknown name is looked up again.
  package var retry: Duration?
  /// When to give up in any case.
  package var deadline = Deadline.never
  /// Creates the stream over a connection; the port counts as open once its handshake is complete.
  package var makeStream: StreamMaking = { SocketStream($0, acknowledged: $1) }
  /// The host as it was given.
  package let host: String
  /// The pause between two ports, which are then tried one after another; `nil` to try many at a time.
  package var interval: Duration?
  /// The number of simultaneous scans, which share the descriptors.
  var scansAtATime = 1
  /// Called with the reason why the host has no address yet, the first time that it is going to be looked up again.
  private var lookupFailed: @Sendable (ResolutionError) -> Void = { _ in }
  private let lookUp: @Sendable (Deadline) throws(ResolutionError) -> [Address]
  private let ports: [UInt16]
  /// Creates the stream to a port over a connection to a proxy; `nil` without a proxy.
  private var makeProxied: (@Sendable (UInt16) -> StreamMaking)?
  private let connector: Connector

  /// Receives the result for a port; an error that it throws ends the scan.
  package typealias Report = (PortState) throws(IOFailure) -> Void

  /// The maximum number of ports that are tried at a time: more could overflow the connection tables of routers on the
  /// path.
  private static let mostAtATime = 512
  /// The number of descriptors that are not connections.
  private static let reservedDescriptors = 16

  /// Prepares a scan of a host, whose name is looked up for each round of tries.
  ///
  /// - Parameters:
  ///   - dialer: The host, and how to connect to it in which time; the port of its endpoint is ignored.
  ///   - ports: The ports in the order of the report. An endpoint that is no host has one, which is ignored too.
  package init(of dialer: Dialer, ports: [UInt16]) {
    switch dialer.endpoint {
    case .internet(let name, _): host = name ?? "localhost"
    case .unix(let path): host = path
    case .vsock(let address): host = "\(address)"
    case .inherited: preconditionFailure("an inherited socket is not a host")
    }
    lookUp = { (deadline) throws(ResolutionError) in try dialer.addresses(ofHostUntil: deadline) }
    connector = dialer.connector
    self.ports = ports
    (limit, retry, deadline) = (dialer.limit, dialer.retry, dialer.deadline)
    lookupFailed = dialer.lookupFailed
  }

  /// Prepares a scan through a proxy.
  ///
  /// - Parameters:
  ///   - host: The host whose ports are scanned, which the proxy looks up.
  ///   - proxy: The proxy, and how to connect to it in which time.
  ///   - makeStream: Creates the stream to a port over a connection to the proxy.
  package init(
    of host: String, ports: [UInt16], through proxy: Dialer,
    makeStream: @escaping @Sendable (UInt16) -> StreamMaking
  ) {
    self.host = host
    self.ports = ports
    lookUp = { (deadline) throws(ResolutionError) in try proxy.addresses(until: deadline) }
    connector = proxy.connector
    makeProxied = makeStream
    (limit, retry, deadline) = (proxy.limit, proxy.retry, proxy.deadline)
    lookupFailed = proxy.lookupFailed
  }

  /// Prepares a scan of the addresses of one host; a port is open if it is open at any of them.
  package init(of addresses: [Address], ports: [UInt16], by connector: Connector) {
    host = addresses.first?.host ?? ""
    lookUp = { _ in addresses }
    self.ports = ports
    self.connector = connector
  }

  /// Tries all ports, and again those that are not open if `retry` is set.
  ///
  /// - Parameter report: Called with each port, in order and as soon as the results of all ports before it are final.
  /// - Returns: Whether all are open.
  /// - Throws: A local error of the system, or the error that `report` throws.
  package func run(report: Report) throws(IOFailure) -> Bool {
    var results = PortResults(count: ports.count, areFinal: retry == nil)
    var backoff = RetryBackoff(for: retry, until: deadline)
    let retryEnd = backoff.end
    var pending = Array(ports.indices)
    var isWarned = false
    while true {
      let latest = min(deadline, retry == nil ? .never : retryEnd)
      let began = Deadline.now
      var problem: ResolutionError?
      let isTransient: Bool
      switch addresses(until: tryEnd(latest)) {
      case .found(let addresses):
        let batch = try PortProbeBatch(atMost: limit(for: addresses.count))
        for part in parts(of: pending) {
          try batch.run(
            part, make: { probe($0, at: addresses, until: tryEnd(latest), in: $1) },
            done: { (index, state) throws(IOFailure) in
              results.settle(index, state, isCut: retryEnd.hasPassed)
              while let state = results.takeNext() { try report(state) }
            })
          if let interval, part.last != pending.last { min(.after(interval), latest).sleep() }
        }
        pending = pending.filter { !results.isOpen($0) }
        isTransient = pending.allSatisfy { results.mayOpen($0) }
      case .missing(let failure, let error):
        let duration = began.duration(until: .now)
        for index in pending {
          let state = PortState(host: host, port: ports[index], after: duration, because: failure)
          results.settle(index, state, isCut: retryEnd.hasPassed)
        }
        problem = error
        isTransient = error?.isTransient ?? false
      }
      guard !pending.isEmpty, isTransient, let next = backoff.next() else { break }
      if let problem, !isWarned {
        lookupFailed(problem)
        isWarned = true
      }
      next.sleep()
    }
    results.finish()
    while let state = results.takeNext() { try report(state) }
    return pending.isEmpty
  }

  /// The ports that are tried without a pause between them.
  private func parts(of pending: [Int]) -> [[Int]] { interval == nil ? [pending] : pending.map { [$0] } }

  /// The deadline of a look-up, or of a try of one port, that begins now.
  private func tryEnd(_ latest: Deadline) -> Deadline { min(limit.map(Deadline.after) ?? .never, latest) }

  /// The result of a look-up of the host.
  private enum Addresses {
    /// Addresses to try, in their order.
    case found([Address])
    /// No address, with the reason, and the error of the look-up if that is the reason.
    case missing(Failure, ResolutionError?)
  }

  private func addresses(until end: Deadline) -> Addresses {
    do throws(ResolutionError) {
      let all = try lookUp(end)
      do throws(ConnectionError) { return .found(try connector.candidates(among: all)) } catch {
        return .missing(Failure(withPort(error)), nil)
      }
    } catch {
      return .missing(Failure(error), error)
    }
  }

  /// Only the host was looked up, so its addresses have no port.
  private func withPort(_ error: ConnectionError) -> ConnectionError {
    guard case .noAddressInFamily(let source, let address) = error, let port = ports.first else {
      return error
    }
    return .noAddressInFamily(of: source, address.with(port: port))
  }

  private func probe(
    _ index: Int, at addresses: [Address], until end: Deadline, in batch: PortProbeBatch
  ) -> PortProbe {
    let port = ports[index]
    return PortProbe(
      index, of: host, port: port,
      at: makeProxied == nil ? addresses.map { $0.with(port: port) } : addresses,
      isProxied: makeProxied != nil,
      by: connector, until: end, makeStream: makeProxied?(port) ?? makeStream, in: batch)
  }

  private func limit(for addresses: Int) -> Int {
    guard ports.count > 1 else { return 1 }
    let descriptors = (DescriptorLimit.raise() - Self.reservedDescriptors) / scansAtATime
    return max(1, min(Self.mostAtATime / scansAtATime, descriptors / addresses))
  }
}
