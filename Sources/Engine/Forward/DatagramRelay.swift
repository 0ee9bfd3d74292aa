// SPDX-License-Identifier: GPL-3.0-or-later

import DequeModule
import Handshakes
import Reactor
import Sockets
import SystemPackage
import Text

/// The datagrams of a client of a proxy, which are relayed as long as its connection lasts (RFC 1928, section 7).
///
/// A datagram that cannot be passed on now is dropped, as everywhere with UDP.
final class DatagramRelay {
  /// What the associations of a loop share: room for the datagrams of one call.
  final class Resources {
    fileprivate let received: DatagramBatch
    fileprivate let sent: DatagramBatch

    /// - Throws: `ENOMEM`.
    init() throws(IOFailure) {
      received = try DatagramBatch(over: .ipv6)
      sent = try DatagramBatch(over: .ipv6)
    }
  }

  /// Datagrams that wait until a name is looked up.
  private struct Waiting {
    let target: ProxyTarget
    let payload: [UInt8]
  }

  private let client: IPAddress
  /// The port that the client sends from; `nil` until its first datagram, if it has not said so before.
  private var clientPort: UInt16?
  private let judge: (IPAddress, UInt16, String?) -> Bool
  private let lookUp: (String, UInt16) -> Void
  private let resources: Resources
  private let inner: DatagramSocket
  private let outer: DatagramSocket
  private var watches: [Registration] = []
  /// Whom datagrams were sent to: only they are listened to.
  private var peers: Set<Address> = []
  /// The addresses of names, and until when they are used.
  private var known: [ProxyTarget: (address: Address?, end: Deadline)] = [:]
  private var waiting: Deque<Waiting> = []
  /// The target that is being looked up.
  private(set) var pending: ProxyTarget?
  /// The number of payload bytes that were passed on.
  private(set) var toTargets = 0
  private(set) var toClient = 0
  /// The time of the last datagram that was passed on.
  private(set) var lastActivity = Deadline.now

  /// The maximum number of batches before another connection has its turn.
  private static let burst = 4
  /// The maximum numbers of peers, of names and of datagrams that wait for a look-up.
  private static let (mostPeers, mostNames, mostWaiting) = (1024, 256, 64)
  /// The time for which the address of a name is used.
  private static let memory = Duration.seconds(30)

  /// Opens the sockets.
  ///
  /// - Parameters:
  ///   - client: The address that the client sends from.
  ///   - port: The port that it sends from; 0 for that of its first datagram.
  ///   - place: The address at which it reaches this proxy.
  ///   - source: The address to send to targets from; `nil` leaves it to the kernel.
  ///   - family: The family of the targets; `nil` for both.
  ///   - judge: Whether datagrams may be sent to an address and a port, which a name was looked up to.
  ///   - lookUp: Looks up a name, whose addresses `take` is called with.
  /// - Throws: `EMFILE` and similar errors, and `EADDRNOTAVAIL`.
  init(
    of client: IPAddress, port: UInt16, at place: IPAddress, from source: IPAddress?,
    _ family: AddressFamily?,
    with resources: Resources, in reactor: Reactor, judge: @escaping (IPAddress, UInt16, String?) -> Bool,
    lookUp: @escaping (String, UInt16) -> Void
  ) throws(IOFailure) {
    (self.client, clientPort) = (client.unmapped, port == 0 ? nil : port)
    (self.resources, self.judge, self.lookUp) = (resources, judge, lookUp)
    inner = try .bound(to: .internet(place.unmapped, port: 0), detail: .source)
    outer = try Self.outerSocket(from: source, family)
    // The handlers throw nothing: the error of a datagram concerns that datagram.
    watches = [
      try reactor.register(inner.descriptor, for: .readable) { [unowned self] _ in takeFromClient() },
      try reactor.register(outer.descriptor, for: .readable) { [unowned self] _ in takeFromPeers() },
    ]
  }

  private static func outerSocket(
    from source: IPAddress?, _ family: AddressFamily?
  ) throws(IOFailure) -> DatagramSocket {
    if let source { return try .bound(to: .internet(source, port: 0), detail: .source) }
    guard family == nil else { return try .bound(to: .any(of: family ?? .ipv4), detail: .source) }
    do throws(IOFailure) {
      return try .bound(to: .any(of: .ipv6), isDualStack: true, detail: .source)
    } catch {
      // This system has no IPv6.
      guard error.code == .addressFamilyNotSupported || error.code == .addressNotAvailable else {
        throw error
      }
      return try .bound(to: .any(of: .ipv4), detail: .source)
    }
  }

  /// The address that the client sends to.
  var local: Address { inner.local }

  // MARK: From the client

  private func takeFromClient() {
    relay(from: inner, by: outer) { index in
      guard isClient(resources.received.datagram(at: index).source) else { return }
      resources.received.withBytes(at: index) { datagram in
        // Fragments, which are optional, are dropped.
        guard let header = SOCKSDatagram(datagram), header.fragment == 0 else { return }
        forward(datagram.extracting(droppingFirst: header.headerLength), to: header.peer)
      }
    }
  }

  private func isClient(_ source: Address) -> Bool {
    guard case .internet(let address, let port) = source, address.unmapped == client else { return false }
    if clientPort == nil { clientPort = port }
    return port == clientPort
  }

  private func forward(_ payload: Span<UInt8>, to target: ProxyTarget) {
    switch target.host {
    case .address(let address):
      guard judge(address, target.port, nil) else { return }
      append(payload, to: .internet(address.unmapped, port: target.port))
    case .name:
      if let entry = known[target], !entry.end.hasPassed {
        if let address = entry.address { append(payload, to: address) }
      } else if waiting.count < Self.mostWaiting {
        var copy: [UInt8] = []
        copy.append(copying: payload)
        waiting.append(Waiting(target: target, payload: copy))
        lookUpNext()
      }
    }
  }

  private func append(_ payload: Span<UInt8>, to peer: Address) {
    if peers.count == Self.mostPeers, !peers.contains(peer) { peers.removeFirst() }
    peers.insert(peer)
    let nothing: [UInt8] = []
    if append(payload, nothing.span, for: peer) { toTargets += payload.count }
  }

  // MARK: Names

  private func lookUpNext() {
    while pending == nil, let next = waiting.first {
      guard case .name(let name) = next.target.host else {
        preconditionFailure("an address needs no look-up")
      }
      if let entry = known[next.target], !entry.end.hasPassed {
        sendWaiting(for: next.target, to: entry.address)
      } else {
        pending = next.target
        lookUp(name, next.target.port)
      }
    }
  }

  /// Continues with the addresses of the name that was looked up; none if the look-up has failed.
  func take(_ addresses: [Address]) {
    guard let target = pending.take(), case .name(let name) = target.host else { return }
    let allowed = addresses.first { address in
      guard case .internet(let host, let port) = address else { return false }
      return judge(host, port, name)
    }
    if known.count == Self.mostNames { known.removeAll() }
    known[target] = (allowed, .after(Self.memory))
    sendWaiting(for: target, to: allowed)
    lookUpNext()
  }

  private func sendWaiting(for target: ProxyTarget, to peer: Address?) {
    if let peer { for next in waiting where next.target == target { append(next.payload.span, to: peer) } }
    waiting.removeAll { $0.target == target }
    send(by: outer)
  }

  // MARK: From the targets

  private func takeFromPeers() {
    relay(from: outer, by: inner) { index in
      guard let clientPort, case .internet(let host, let port) = resources.received.datagram(at: index).source
      else { return }
      let peer = Address.internet(host.unmapped, port: port)
      guard peers.contains(peer) else { return }
      let header = SOCKSDatagram.header(for: ProxyTarget(.address(host.unmapped), port: port))
      resources.received.withBytes(at: index) { payload in
        // Behind the header, the longest datagrams have no room.
        if append(header.span, payload, for: .internet(client, port: clientPort)) {
          toClient += payload.count
        }
      }
    }
  }

  // MARK: Batches

  /// Receives datagrams from one socket, and sends by the other what `take` makes of them.
  private func relay(
    from source: borrowing DatagramSocket, by sink: borrowing DatagramSocket, _ take: (Int) -> Void
  ) {
    for _ in 0..<Self.burst {
      // The error of a datagram that was sent before concerns only that one.
      guard (try? source.receive(into: resources.received)) == true else { return }
      for index in 0..<resources.received.count { take(index) }
      send(by: sink)
    }
  }

  /// - Returns: Whether there is room.
  private func append(_ first: Span<UInt8>, _ second: Span<UInt8>, for peer: Address) -> Bool {
    let sent = resources.sent
    guard !sent.isFull, (try? sent.append(first, second)) != nil else { return false }
    return (try? sent.direct(sent.count - 1..<sent.count, to: peer)) != nil
  }

  private func send(by socket: borrowing DatagramSocket) {
    let sent = resources.sent
    var first = 0
    while first < sent.count {
      // The first of the rest is the one that has an error.
      let count = (try? socket.send(sent, from: first, count: sent.count - first)) ?? 1
      guard count > 0 else { break }
      first += count
    }
    if first > 0 { lastActivity = .now }
    sent.removeAll()
  }
}
