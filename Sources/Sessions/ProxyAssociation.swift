// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Handshakes
import Sockets
import Transport

extension DialSettings {
  /// Connects to a proxy, and has it relay datagrams to the peer.
  ///
  /// - Parameter proxies: A chain of one proxy, which speaks SOCKS 5.
  func associate(
    through proxies: ProxyChain, until deadline: Deadline, _ observer: any SessionObserver
  ) throws(Failure) -> DatagramAssociation {
    var dialer = try dialer(until: deadline, observer)
    let target = try proxies.target(endpoint, protocol: "udp", by: resolver, until: dialer.lookupEnd)
    let makeTransport = dialer.makeTransport
    dialer.makeTransport = { proxies.makeAssociation(over: makeTransport($0, $1), to: target) }
    var end = Deadline.never
    let control = try dialer.dial(&end)
    observer.report(connected: control, self)
    let bound = ((control as? HandshakeStream)?.result as? SOCKS5Connect)?.bound
    return try judging { () throws(IOFailure) in
      try DatagramAssociation(over: control, bound: bound, to: target, through: proxies.names)
    }
  }
}
