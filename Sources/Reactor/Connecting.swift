// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

extension Connector {
  /// Connects to the address that answers first, and waits until then.
  ///
  /// - Parameters:
  ///   - addresses: At least one address, in the order of preference within each family.
  ///   - deadline: When to give up, for all addresses together; `never` waits as long as the system keeps trying.
  package func connect(
    to addresses: [Address], until deadline: Deadline = .never
  ) throws(ConnectionError) -> StreamSocket {
    var race = ConnectionRace(among: try candidates(among: addresses), by: self, until: deadline)
    let reactor = Reactor.forFew()
    var attempts: [Watch] = []
    while true {
      let winner = try race.proceed { (descriptor) throws(IOFailure) in
        attempts.append(try Watch(descriptor, for: .writable, in: reactor))
      }
      if let winner { return winner }
      do { try reactor.turn(until: race.wake) } catch { throw .failed(error) }
      for attempt in attempts where !attempt.take().isEmpty {
        if let socket = try race.advance(attempt.descriptor) { return socket }
      }
      // A failed attempt is closed, and its descriptor number may be reused.
      attempts.removeAll { !race.isUnderWay($0.descriptor) }
    }
  }
}
