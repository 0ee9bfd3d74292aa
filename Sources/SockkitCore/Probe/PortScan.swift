// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Finds out on which ports of a host somebody listens: many at a time, and no byte is sent to anybody.
package struct PortScan {
  /// The time for one try at a port, over all addresses; `nil` for as long as the system tries.
  package var limit: Duration?
  /// For how long ports that are not open are tried again.
  package var retry: Duration?
  /// When to give up whatever else is allowed.
  package var deadline = Deadline.never
  private let addresses: [Address]
  private let ports: [UInt16]
  private let connector: Connector

  /// Takes what was found out about a port; what it throws ends the scan.
  package typealias Report = (PortState) throws(SystemError) -> Void

  /// How many ports are tried at a time: more would make routers on the way forget connections.
  private static let mostAtATime = 512
  /// Descriptors that are not connections.
  private static let reservedDescriptors = 16

  /// Prepares a scan.
  ///
  /// - Parameters:
  ///   - addresses: Those of the host; a port is open if it is at any of them. The port in them does not count.
  ///   - ports: In the order to report them in. A Unix socket has one, which does not count either.
  /// - Throws: That none of the addresses fits the source address.
  package init(
    of addresses: [Address], ports: [UInt16], by connector: Connector
  ) throws(ConnectionError) {
    self.addresses = try connector.candidates(among: addresses)
    self.ports = ports
    self.connector = connector
  }

  /// Tries all ports, and those that are not open again if that is asked for.
  ///
  /// - Parameter report: Told of each port, in their order and as soon as all before it are certain.
  /// - Returns: Whether all are open.
  /// - Throws: What the system lacks or refuses on this side, and what `report` throws.
  package func run(report: Report) throws(SystemError) -> Bool {
    var results = PortResults(count: ports.count, areFinal: retry == nil)
    var retrying = Retrying(for: retry, until: deadline)
    let retryEnd = retrying.end
    var round = try PortRound(within: capacity())
    var pending = Array(ports.indices)
    while true {
      try round.run(
        pending,
        begin: { index in
          let end = min(limit.map(Deadline.after) ?? .never, deadline, retry == nil ? .never : retryEnd)
          let places = addresses.map { $0.with(port: ports[index]) }
          return PortCheck(index, at: places, by: connector, until: end)
        },
        done: { (index, state) throws(SystemError) in
          results.settle(index, state, isCut: retryEnd.hasPassed)
          while let state = results.takeNext() { try report(state) }
        })
      pending = pending.filter { !results.isOpen($0) }
      guard !pending.isEmpty, pending.allSatisfy({ results.mayOpen($0) }), let next = retrying.next() else {
        break
      }
      next.sleep()
    }
    results.finish()
    while let state = results.takeNext() { try report(state) }
    return pending.isEmpty
  }

  private func capacity() -> Int {
    guard ports.count > 1 else { return 1 }
    let descriptors = DescriptorLimit.raise() - Self.reservedDescriptors
    return max(1, min(Self.mostAtATime, descriptors / addresses.count))
  }
}
