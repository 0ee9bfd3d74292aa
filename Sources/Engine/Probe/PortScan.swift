// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Finds out which ports of a host accept connections: many at a time, and no byte is sent.
package struct PortScan: Sendable {
  /// The time for one try at a port, over all addresses; `nil` for as long as the system tries.
  package var limit: Duration?
  /// For how long ports that are not open are tried again, and a name that is not known is looked up again.
  package var retry: Duration?
  /// When to give up whatever else is allowed.
  package var deadline = Deadline.never
  /// The host as it is named.
  package let host: String
  /// How many scans there are at the same time, which share the descriptors.
  var scansAtATime = 1
  /// Takes the reason why the host has no address yet, the first time that it is to be looked up again.
  private var lookupFailed: @Sendable (ResolutionError) -> Void = { _ in }
  private let lookUp: @Sendable (Deadline) throws(ResolutionError) -> [Address]
  private let ports: [UInt16]
  private let connector: Connector

  /// Takes what was found out about a port; what it throws ends the scan.
  package typealias Report = (PortState) throws(SystemError) -> Void

  /// How many ports are tried at a time: more would make routers on the way forget connections.
  private static let mostAtATime = 512
  /// Descriptors that are not connections.
  private static let reservedDescriptors = 16

  /// Prepares a scan of a host, whose name is looked up for each round of tries.
  ///
  /// - Parameters:
  ///   - dialer: How to connect, to which host, and in which time; the port of its endpoint does not count.
  ///   - ports: In the order to report them in. A Unix socket has one, which does not count either.
  package init(of dialer: Dialer, ports: [UInt16]) {
    switch dialer.endpoint {
    case .internet(let name, _): host = name ?? "localhost"
    case .unix(let path): host = path
    }
    lookUp = { (deadline) throws(ResolutionError) in try dialer.addresses(ofHostUntil: deadline) }
    connector = dialer.connector
    self.ports = ports
    (limit, retry, deadline) = (dialer.limit, dialer.retry, dialer.deadline)
    lookupFailed = dialer.lookupFailed
  }

  /// Prepares a scan of addresses of one host, at any of which a port may be open.
  package init(of addresses: [Address], ports: [UInt16], by connector: Connector) {
    host = addresses.first?.host ?? ""
    lookUp = { _ in addresses }
    self.ports = ports
    self.connector = connector
  }

  /// Tries all ports, and those that are not open again if that is asked for.
  ///
  /// - Parameter report: Takes each port, in their order and as soon as all before it are certain.
  /// - Returns: Whether all are open.
  /// - Throws: What the system lacks or refuses on this side, and what `report` throws.
  package func run(report: Report) throws(SystemError) -> Bool {
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
        try batch.run(
          pending, make: { probe($0, at: addresses, until: tryEnd(latest), in: $1) },
          done: { (index, state) throws(SystemError) in
            results.settle(index, state, isCut: retryEnd.hasPassed)
            while let state = results.takeNext() { try report(state) }
          })
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

  /// When a look-up, or a try at one port, that begins now has to be over.
  private func tryEnd(_ latest: Deadline) -> Deadline { min(limit.map(Deadline.after) ?? .never, latest) }

  /// What a look-up of the host came to.
  private enum Addresses {
    /// Addresses to try, in their order.
    case found([Address])
    /// None, and why; with the error of the look-up, if that is the reason.
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

  /// The host alone was looked up, so that its addresses have no port.
  private func withPort(_ error: ConnectionError) -> ConnectionError {
    guard case .noAddressInFamily(let source, let address) = error, let port = ports.first else {
      return error
    }
    return .noAddressInFamily(of: source, address.with(port: port))
  }

  private func probe(
    _ index: Int, at addresses: [Address], until end: Deadline, in batch: PortProbeBatch
  ) -> PortProbe {
    PortProbe(
      index, of: host, port: ports[index], at: addresses.map { $0.with(port: ports[index]) }, by: connector,
      until: end, in: batch)
  }

  private func limit(for addresses: Int) -> Int {
    guard ports.count > 1 else { return 1 }
    let descriptors = (DescriptorLimit.raise() - Self.reservedDescriptors) / scansAtATime
    return max(1, min(Self.mostAtATime / scansAtATime, descriptors / addresses))
  }
}
