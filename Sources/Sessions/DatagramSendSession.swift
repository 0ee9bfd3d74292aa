// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets
import SystemPackage

/// Which datagrams to send, and where to.
package struct DatagramSendInvocation {
  /// The receiver.
  package var endpoint: Endpoint
  /// How names are looked up.
  package var resolver = Resolver()
  /// The local address to send from.
  package var source = LocalSource()
  /// The options of the socket.
  package var settings = DatagramSettings()
  /// The messages.
  package var messages: MessageSource
  /// How often each message is sent.
  package var repetitions = 1
  /// When messages are sent.
  package var schedule = SendSchedule(interval: nil)
  /// How replies are handled; `nil` to wait for none.
  package var replies: DatagramReplies?
  /// The proxy that relays the datagrams, the only one of its chain; `nil` for none.
  package var proxies: ProxyChain?
  /// The time for the connection to the proxy; `nil` for as long as the system tries.
  package var proxyLimit: Duration?
  /// How datagrams are protected; `nil` for plain ones.
  package var protection: SenderProtection?
  /// The time during which attempts are repeated; `nil` for a single attempt.
  package var retry: Duration?

  /// Creates an invocation with the default settings.
  package init(_ messages: MessageSource, to endpoint: Endpoint) {
    self.messages = messages
    self.endpoint = endpoint
  }

  fileprivate var needs: SandboxNeeds {
    var needs = SandboxNeeds()
    needs.connect(to: proxies?.first ?? endpoint, protocol: "udp")
    needs.files = protection?.files ?? NeededFiles()
    if let proxies { needs.files.add(proxies.files) }
    // An address that refuses datagrams is left for the next, and a repetition looks the name up again.
    needs.connectsLater = true
    needs.looksUpLater = retry != nil
    return needs
  }
}

/// Sends messages as datagrams, and receives replies.
package struct DatagramSendSession {
  private let invocation: DatagramSendInvocation
  private let observer: any SessionObserver

  /// Creates a session.
  package init(_ invocation: DatagramSendInvocation, _ observer: any SessionObserver) {
    self.invocation = invocation
    self.observer = observer
  }

  /// Sends all messages, and waits for replies.
  ///
  /// - Throws: The failure of the session.
  package func run() throws(Failure) -> SessionOutcome {
    let sandbox = try Sandbox.begin(invocation.needs, observer)
    let local = try invocation.source.resolve(protocol: "udp", by: invocation.resolver, until: .never)
    var backoff = RetryBackoff(for: invocation.retry, until: .never)
    let limit = invocation.retry == nil ? Deadline.never : backoff.end
    var isWarned = false
    var isConfined = false
    while true {
      do {
        let association = try associate(until: limit)
        let all = try association.map { [$0.relay] } ?? addresses(until: limit)
        let addresses = try Self.usable(all, from: local.address)
        if !isConfined {
          try sandbox.confine()
          sandbox.report()
        }
        isConfined = true
        guard let refusal = try send(to: addresses, through: association, from: local) else {
          return .success
        }
        return .exited(ExitStatus(refusal))
      } catch let error as ResolutionError {
        guard error.isTransient, let next = backoff.next() else { throw Failure(error) }
        if !isWarned { observer.report(.lookupRepeated(error)) }
        isWarned = true
        next.sleep()
      } catch let error as IOFailure {
        guard error.isTransientRefusal, let next = backoff.next() else { return try outcome(of: error) }
        observer.report(.attemptFailed(error))
        next.sleep()
      } catch let failure as Failure {
        throw failure
      } catch {
        fatalError("nothing here throws \(error)")
      }
    }
  }

  private func outcome(of error: IOFailure) throws(Failure) -> SessionOutcome {
    // The kernel's error for a broadcast without permission; IPv6 has no broadcast.
    if case .sendDatagram(let address) = error.operation, address.family == .ipv4,
      error.code == .permissionDenied
    {
      throw Failure(.noPermission, "\(error) (a broadcast address needs --broadcast)")
    }
    return try SessionOutcome(of: error)
  }

  /// Sends all messages once.
  ///
  /// - Returns: The receiver's error that was reported but did not stop the sending; `nil` if there was none.
  /// - Throws: A `IOFailure`, or a `Failure` if the attempt would have to be repeated with messages from standard
  ///   input, which cannot be read again.
  private func send(
    to addresses: [Address], through association: DatagramAssociation?,
    from local: (address: IPAddress?, port: UInt16)
  ) throws -> IOFailure? {
    let (observer, invocation) = (observer, invocation)
    let start = Deadline.now
    let wantsReplies = invocation.replies != nil || invocation.protection != nil
    // A proxy may accept datagrams of an association only from the address of the first.
    var known: Address?
    var sender = try DatagramSender(
      to: addresses, through: association,
      opening: { (address) throws(IOFailure) in
        observer.report(.sending(to: address))
        let socket = try DatagramSocket.sending(
          to: address, from: known ?? Self.source(local, for: address), wantsReplies: wantsReplies,
          dropsForeign: association != nil, settings: invocation.settings)
        if association != nil { known = socket.local }
        return socket
      },
      protecting: invocation.protection?.sessions,
      report: { observer.report(sending: $0) },
      messages: invocation.messages, repetitions: invocation.repetitions, schedule: invocation.schedule,
      replies: invocation.replies)
    let refusal: IOFailure?
    do {
      refusal = try sender.run()
    } catch let error as IOFailure {
      if case .input = invocation.messages, error.isTransientRefusal { throw Failure(error) }
      throw error
    }
    observer.report(
      .exchanged(
        sent: sender.sent, received: sender.replies?.received ?? DatagramTally(),
        duration: start.duration(until: .now)))
    try invocation.replies?.close()
    return refusal
  }

  /// Has the proxy, if there is one, relay datagrams to the receiver.
  private func associate(until limit: Deadline) throws(Failure) -> DatagramAssociation? {
    guard let proxies = invocation.proxies else { return nil }
    var dialing = DialSettings(to: invocation.endpoint)
    dialing.resolver = invocation.resolver
    dialing.source = invocation.source
    // The port is that of the datagrams.
    dialing.source.port = nil
    dialing.proxies = proxies
    dialing.limit = invocation.proxyLimit
    dialing.retry = invocation.retry
    return try dialing.associate(through: proxies, until: limit, observer)
  }

  private func addresses(until deadline: Deadline) throws -> [Address] {
    let (host, port): (String?, String)
    switch invocation.endpoint {
    case .unix(let path): return [Address(unixPath: path)]
    case .vsock(let address): return [.vsock(address)]
    case .inherited: preconditionFailure("an inherited socket is not a receiver")
    case .internet(let name, let service): (host, port) = (name, service)
    }
    let number = try Resolver.port(port, protocol: "udp")
    let all = try invocation.resolver.addresses(
      ofHost: host ?? "localhost", port: number, deadline: deadline)
    if invocation.protection != nil, let group = all.first(where: { $0.ip?.isMulticast ?? false }) {
      throw Failure(.usage, "\(group) is a group: TLS protects the datagrams to one receiver")
    }
    return all
  }

  /// The addresses that can be sent to from a local one.
  private static func usable(_ all: [Address], from source: IPAddress?) throws(Failure) -> [Address] {
    guard let source else { return all }
    let usable = all.filter { $0.family == source.family }
    guard !usable.isEmpty else { throw Failure(ConnectionError.noAddressInFamily(of: source, all[0])) }
    return usable
  }

  private static func source(_ local: (address: IPAddress?, port: UInt16), for remote: Address) -> Address? {
    guard local.address != nil || local.port != 0 else { return nil }
    let any: IPAddress = remote.family == .ipv6 ? .anyIPv6 : .anyIPv4
    return .internet(local.address ?? any, port: local.port)
  }
}
