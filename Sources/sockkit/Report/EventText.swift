// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import HTTP
import Handshakes
import Sessions
import Sockets
import TLS
import Text
import Transport

extension Event {
  /// The event as one line for people, without the program's name.
  var text: String {
    switch self {
    case .listening(let address, let transport): "listening on \(address) (\(transport.name))"
    case .proxyHeader(let header, let proxy):
      header.ends.map { "\(proxy) acts for \($0.source), connected to \($0.destination) (PROXY protocol)" }
        ?? "\(proxy) acts for no client (PROXY protocol)"
    case .proxied(let target, let proxies): "connected to \(target) through proxy \(proxies)"
    case .connected(let local, let remote, let transport):
      "connected to \(remote)\(Self.origin(local)) (\(transport.name))"
    case .accepted(let remote, let local, let transport):
      "accepted \(remote) on \(local) (\(transport.name))"
    case .negotiating(let direction, let line, let peer):
      "STARTTLS with \(peer): \(direction.rawValue) \(line)"
    case .secured(let summary, let peer): summary.text(peer)
    case .securingFailed(let failure, _): "\(failure.error)"
    case .attemptFailed(let error): "\(error)"
    case .checked(let state): state.text
    case .lookupRepeated(let error): "\(error); trying again (--retry)"
    case .option(let option): "\(option.name) is \(option.value.text)"
    case .closed(let peer, let sent, let received, let duration, _, _):
      "closed \(peer): sent \(sent) bytes, received \(received) bytes in \(DurationFormat.describe(duration))"
    case .left(let peer, let reason): "\(peer) has left: \(reason ?? "it closed the connection")"
    case .refused(let peer): "refused \(peer): not allowed by the access list"
    case .full(let peer, let limit): "refused \(peer): there are \(limit) connections"
    case .overloaded(let peer): "reset \(peer): too few descriptors for another connection (ulimit -n)"
    case .accessReread(let allowed, let denied):
      "reloaded the access lists: \(allowed.map(Self.networks) ?? "all clients") allowed, \(Self.networks(denied)) denied"
    case .accessKept(let failure): "kept the old access lists: \(failure.message)"
    case .certificateMade(let certificate):
      "new certificate for \(certificate.plainNames.joined(separator: ", ")); clients verify it with --tls-pin \(certificate.pin)"
    case .stapleDoubtful(let warning): warning
    case .certificateReread: "reloaded the certificate"
    case .certificateKept(let failure): "kept the old certificate: \(failure.message)"
    case .usersReread(let count): "reloaded the users: \(count)"
    case .usersKept(let failure): "kept the old users: \(failure.message)"
    case .sandboxed(let state): "sandbox: \(state.description)"
    case .userChanged(let account): "running as \(account)"
    case .reloadPrevented(let failure): "\(failure.message): SIGHUP will not reload it"
    case .connectionFailed(let error), .acceptingPaused(let error): "\(error)"
    // An error of the connection already names its peer.
    case .clientFailed(let error, let peer): error.endsConnection ? "\(error)" : "\(error), for \(peer)"
    case .reset(let peer, let count, let reason):
      "reset \(peer)\(Self.unsent(count ?? 0)): \(reason)"
    case .childDied(let ending): "a child process that served a connection ended with \(ending)"
    case .forwarding(let client, let request, let local, let remote, let transport):
      "connected \(Self.user(request))\(client) to \(Self.target(request, at: remote))\(remote)\(Self.origin(local)) "
        + "(\(transport.name))"
    case .associated(let client, let request, let local):
      "relaying datagrams of \(Self.user(request))\(client) at \(local) (\(StreamTransport.ofDatagrams(local.family).name))"
    case .forwardFailed(let client, let failure): "\(client): \(failure.message)"
    case .forwardBroken(let client, let reason): "\(client): \(reason)"
    case .commandEnded(let peer, let ending, let duration):
      "the command for \(peer) ended with \(ending) in \(DurationFormat.describe(duration))"
    case .commandNotStarted(let error, let peer): "\(error), for \(peer)"
    case .served(let access): access.text
    case .sending(let address): "sending to \(address) (\(StreamTransport.ofDatagrams(address.family).name))"
    case .sendingFailed(let error): "\(error)"
    case .sendingRecovered(let address): "send to \(address): works again"
    case .exchanged(let sent, let received, let duration):
      "sent \(Self.count(sent)), received \(Self.count(received)) in \(DurationFormat.describe(duration))"
    case .dropped(0, let address): "the kernel dropped no datagram for \(address)"
    case .dropped(let count, let address):
      "the kernel dropped \(count == 1 ? "1 datagram" : "\(count) datagrams") for \(address), most often because the receive buffer was full"
    case .answerFailed(let error), .receivingPaused(let error): "\(error)"
    case .loopSuspected(let peer):
      "not answering \(peer) for up to a second: more than \(LoopGuard.most) of its datagrams were identical or matched an answer of this server (do two servers answer each other?)"
    case .sessionRefused(let peer, let limit):
      "no DTLS session for \(peer): there are \(limit) (-m changes the limit)"
    case .datagramsDropped(let count, let peer):
      "dropped \(count == 1 ? "1 datagram" : "\(count) datagrams") from \(peer): they are not read fast enough"
    case .historyUnavailable(let error): "lines are not kept for the next session: \(error)"
    case .called(let call): call.line
    case .failed(let failure): failure.message
    }
  }

  private static func user(_ request: ProxyRequest?) -> String { request?.user.map { "\($0) at " } ?? "" }

  /// The target that a client has asked for, if it is not the address itself.
  private static func target(_ request: ProxyRequest?, at remote: Address) -> String {
    guard let target = request?.target, "\(target)" != "\(remote)" else { return "" }
    return "\(target) at "
  }

  private static func origin(_ local: Address) -> String { local == .unnamed ? "" : " from \(local)" }

  private static func unsent(_ count: Int) -> String {
    count == 0 ? "" : " with \(count) \(count == 1 ? "byte" : "bytes") not sent to it"
  }

  private static func networks(_ count: Int) -> String { count == 1 ? "1 network" : "\(count) networks" }

  private static func count(_ tally: DatagramTally) -> String {
    let datagrams = tally.datagrams == 1 ? "1 datagram" : "\(tally.datagrams) datagrams"
    return "\(datagrams) (\(tally.bytes) \(tally.bytes == 1 ? "byte" : "bytes"))"
  }

  /// The colour that marks it on a terminal; `nil` for none.
  var color: TextColor? {
    switch self {
    case .checked(let state):
      switch state.verdict {
      case .open: .green
      case .closed: .red
      case .timeout, .unknown: .yellow
      }
    case .left, .lookupRepeated: .yellow
    default: isTrouble ? .red : nil
    }
  }

  /// Whether it is reported without `-v`: a failure or a loss, or an event that the users of a chat have to see.
  var isTrouble: Bool {
    switch self {
    case .certificateMade, .failed, .answerFailed, .acceptingPaused, .receivingPaused, .loopSuspected,
      .sessionRefused, .datagramsDropped,
      .childDied, .refused,
      .overloaded, .full, .accessKept, .certificateKept, .stapleDoubtful, .usersKept, .reloadPrevented,
      .clientFailed, .reset, .left, .forwardFailed,
      .commandNotStarted,
      .lookupRepeated,
      .sendingFailed, .sendingRecovered:
      true
    case .dropped(let count, _): count > 0
    default: false
    }
  }

  /// Whether it is reported at a terminal even without `-v`.
  var isForTerminals: Bool {
    if case .listening = self { true } else { false }
  }

  /// Whether remote peers can cause it any number of times.
  var isCausedByStrangers: Bool {
    switch self {
    case .refused, .overloaded, .full, .answerFailed, .loopSuspected, .sessionRefused, .datagramsDropped,
      .clientFailed, .reset,
      .left,
      .forwardFailed,
      .commandNotStarted:
      true
    default: false
    }
  }

  /// The event as a record for programs.
  var record: EventRecord {
    var record = EventRecord(event: name)
    switch self {
    case .listening(let address, let transport):
      record.local = AddressRecord(address)
      record.protocol = transport.name
    case .connected(let local, let remote, let transport), .accepted(let remote, let local, let transport):
      record.local = AddressRecord(local)
      record.remote = AddressRecord(remote)
      record.protocol = transport.name
    case .proxyHeader(let header, let proxy):
      record.proxy = "\(proxy)"
      record.client = header.ends.map { AddressRecord($0.source) }
      record.local = header.ends.map { AddressRecord($0.destination) }
      record.values =
        header.values.isEmpty ? nil : Dictionary(header.values.flatMap(\.records)) { first, _ in first }
    case .proxied(let target, let proxies):
      record.target = "\(target)"
      record.proxy = proxies
    case .negotiating(let direction, let line, let peer):
      record.remote = AddressRecord(peer)
      record.direction = direction.rawValue
      record.message = line
    case .secured(let summary, let peer):
      record.remote = AddressRecord(peer)
      record.version = summary.version
      record.cipher = summary.cipher
      record.group = Nullable(summary.group)
      record.alpn = Nullable(summary.applicationProtocol)
      record.sni = Nullable(summary.indication)
      record.resumed = summary.isResumed
      record.verified = summary.isVerified
      record.staple = summary.staple.map { StapleRecord($0) }
      record.peer = summary.peer.map { CertificateRecord($0) }
      record.milliseconds = summary.duration.seconds * 1000
    case .securingFailed(let failure, let peer):
      record.remote = AddressRecord(peer)
      record.stage = failure.stage.rawValue
      record.reason = failure.error.explanation
      record.alert = failure.alert.map { AlertRecord($0) }
      record.peer = failure.peer.map { CertificateRecord($0) }
    case .sending(let address):
      record.remote = AddressRecord(address)
      record.protocol = StreamTransport.ofDatagrams(address.family).name
    case .sendingRecovered(let address): record.remote = AddressRecord(address)
    case .exchanged(let sent, let received, let duration):
      record.sentDatagrams = sent.datagrams
      record.sentBytes = sent.bytes
      record.receivedDatagrams = received.datagrams
      record.receivedBytes = received.bytes
      record.seconds = duration.seconds
    case .dropped(let count, let address):
      record.local = AddressRecord(address)
      record.droppedDatagrams = count
    case .datagramsDropped(let count, let peer):
      record.remote = AddressRecord(peer)
      record.droppedDatagrams = count
    case .refused(let peer), .overloaded(let peer), .full(let peer, _), .loopSuspected(let peer),
      .sessionRefused(let peer, _):
      record.remote = AddressRecord(peer)
    case .served(let access):
      record.remote = AddressRecord(access.client)
      record.method = access.method
      record.target = access.target
      record.httpStatus = access.status
      record.sentBytes = access.bytes
      record.seconds = access.duration.seconds
    case .accessReread(let allowed, let denied):
      record.allowedNetworks = allowed
      record.deniedNetworks = denied
    case .certificateMade, .stapleDoubtful: record.message = text
    case .certificateReread: break
    case .usersReread(let count): record.users = count
    case .sandboxed(let state):
      record.landlock = try? state.landlock.get()
      record.filtersCalls = state.missingFilter == nil
      record.message = state.lack
    case .userChanged(let account): record.user = account.description
    case .accessKept(let failure), .certificateKept(let failure), .usersKept(let failure),
      .reloadPrevented(let failure):
      record.message = failure.message
    case .childDied(let ending): record.message = ending
    case .associated(let client, let request, let local):
      record.client = AddressRecord(client)
      record.user = request.user
      record.local = AddressRecord(local)
    case .forwarding(let client, let request, let local, let remote, let transport):
      record.client = AddressRecord(client)
      record.user = request?.user
      record.target = request?.target.map { "\($0)" }
      record.local = AddressRecord(local)
      record.remote = AddressRecord(remote)
      record.protocol = transport.name
    case .forwardFailed(let client, let failure):
      record.client = AddressRecord(client)
      record.message = failure.message
      record.status = failure.status.rawValue
    case .forwardBroken(let client, let reason):
      record.client = AddressRecord(client)
      record.message = reason
    case .commandEnded(let peer, let ending, let duration):
      record.remote = AddressRecord(peer)
      record.seconds = duration.seconds
      switch ending {
      case .exited(let status): record.status = status
      case .killed(let signal): record.signal = signal
      }
    case .clientFailed(let error, let peer), .commandNotStarted(let error, let peer):
      record.remote = AddressRecord(peer)
      record.message = "\(error)"
    case .attemptFailed(let error), .answerFailed(let error), .receivingPaused(let error),
      .connectionFailed(let error), .sendingFailed(let error),
      .acceptingPaused(let error), .historyUnavailable(let error):
      record.message = "\(error)"
    case .checked(let state):
      record.remote = state.address.map { AddressRecord($0) }
      record.state = state.verdict.rawValue
      record.milliseconds = Double(state.duration.nanosecondsClamped) / 1e6
      record.message = state.cause
    case .lookupRepeated(let error): record.message = "\(error)"
    case .reset(let peer, let count, let reason):
      record.remote = AddressRecord(peer)
      record.unsentBytes = count
      record.message = reason
    case .left(let peer, let reason):
      record.remote = AddressRecord(peer)
      record.message = reason
    case .option(let option):
      record.name = option.name
      record.value = option.value
    case .closed(let peer, let sent, let received, let duration, let end, _):
      record.remote = AddressRecord(peer)
      record.sentBytes = sent
      record.receivedBytes = received
      record.seconds = duration.seconds
      record.end = end?.rawValue
    case .called(let call):
      record.process = call.caller?.process
      record.thread = call.caller?.thread
      record.call = call.invocation
      record.result = call.result
      record.milliseconds = Double(call.nanoseconds) / 1e6
    case .failed(let failure):
      record.message = failure.message
      record.status = failure.status.rawValue
    }
    return record
  }

  private var name: String {
    switch self {
    case .listening: "listening"
    case .connected: "connected"
    case .proxied: "proxied"
    case .proxyHeader: "proxyHeader"
    case .accepted: "accepted"
    case .negotiating: "starttls"
    case .secured: "tls"
    case .securingFailed: "tls-failed"
    case .attemptFailed: "attemptFailed"
    case .checked: "checked"
    case .lookupRepeated: "lookupRepeated"
    case .option: "option"
    case .closed: "closed"
    case .left: "left"
    case .refused: "refused"
    case .overloaded: "overloaded"
    case .full: "full"
    case .accessReread: "accessReread"
    case .accessKept: "accessKept"
    case .certificateMade: "note"
    case .certificateReread: "certificateReread"
    case .certificateKept: "certificateKept"
    case .stapleDoubtful: "stapleDoubtful"
    case .usersReread: "usersReread"
    case .usersKept: "usersKept"
    case .sandboxed: "sandboxed"
    case .userChanged: "userChanged"
    case .reloadPrevented: "reloadPrevented"
    case .connectionFailed: "connectionFailed"
    case .clientFailed: "clientFailed"
    case .reset: "reset"
    case .acceptingPaused: "acceptingPaused"
    case .childDied: "childDied"
    case .forwarding: "connected"
    case .associated: "associated"
    case .forwardFailed: "connectFailed"
    case .forwardBroken: "connectionFailed"
    case .commandEnded: "commandEnded"
    case .commandNotStarted: "commandNotStarted"
    case .served: "served"
    case .sending: "sending"
    case .sendingFailed: "sendingFailed"
    case .sendingRecovered: "sendingRecovered"
    case .exchanged: "exchanged"
    case .dropped: "dropped"
    case .answerFailed: "answerFailed"
    case .receivingPaused: "receivingPaused"
    case .loopSuspected: "loopSuspected"
    case .sessionRefused: "sessionRefused"
    case .datagramsDropped: "datagramsDropped"
    case .historyUnavailable: "historyUnavailable"
    case .called: "call"
    case .failed: "error"
    }
  }
}

extension EffectiveOption.Value: Encodable {
  /// The value for people.
  var text: String {
    switch self {
    case .number(let number): "\(number)"
    case .text(let text): text
    case .flag(let isOn): isOn ? "on" : "off"
    }
  }

  /// Writes a number as a number, a name as text and a flag as a truth value.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .flag(let isOn): try container.encode(isOn)
    }
  }
}

extension ProxyHeaderValue {
  /// The value, or those within it, by name: as text if it is text, otherwise in hexadecimal digits.
  fileprivate var records: [(String, String)] {
    if let inner { return inner.flatMap(\.records) }
    let name = Kind(rawValue: type)?.name ?? "type\(type)"
    let isText = value.allSatisfy { (0x20..<0x7F).contains($0) }
    let text =
      isText
      ? String(decoding: value, as: UTF8.self)
      : value.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return [(name, text)]
  }
}
