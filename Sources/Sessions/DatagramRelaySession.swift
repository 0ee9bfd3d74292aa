// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Transport

/// A socket for datagrams that is connected to the first sender, and then relayed like a connection.
struct DatagramRelaySession {
  /// Where to listen, and what is done with the sender.
  let invocation: ListenInvocation
  /// Receives events and statistics.
  let observer: any SessionObserver

  /// Waits for the first datagram, and relays until the session is over.
  ///
  /// - Throws: The failure of the session.
  func run() throws(Failure) -> SessionOutcome {
    var stream = invocation.stream
    let access = try AccessControl(invocation.access)
    var listening = invocation.listening
    var needs = SandboxNeeds(of: stream)
    needs.answer(at: invocation.endpoint)
    // To the first sender.
    needs.connectsOpenSockets = true
    try listening.beginSandbox(
      needs, on: invocation.endpoint, rereading: access, running: stream, observer)
    stream.spawner = listening.sandbox?.spawner
    var session = try StreamSession(stream, observer)
    let deadline = min(session.limits.deadline, invocation.arrivalLimit.map(Deadline.after) ?? .never)
    var binder = listening.binder(on: invocation.endpoint, observer)
    binder.isOnLoopback = invocation.isOnLoopback
    binder.deadline = deadline
    var settings = DatagramSettings(stream.settings)
    listening.share(&settings)
    try judging { () throws(IOFailure) in try stream.command?.check() }
    let sockets = try binder.receiveDatagrams(with: settings, detail: .none)
    try session.invocation.filters.records.openEarly(observer)
    // The file of a Unix socket is removed with the socket that has bound it.
    defer { withExtendedLifetime(sockets) {} }
    let signals = try judging { () throws(IOFailure) in
      try SignalQueue(StreamInvocation.endingSignals, for: access)
    }
    try listening.announce(datagramsAt: sockets.map(\.local), observer)
    let policy = AccessPolicy(access) { [observer] in observer.report(connection: $0) }
    switch try judging({ () throws(IOFailure) in
      try FirstSender(at: sockets, policy).accept(until: deadline, or: signals)
    }) {
    case .accepted(let peer):
      let transport = DatagramStream(peer)
      // Nothing could be sent to it.
      if transport.remote == .unnamed { session.invocation.policy.directions = .receiveOnly }
      guard let command = stream.command else { return try session.run(transport, until: signals) }
      return try CommandSession(command, session).relay(transport, until: signals)
    case .late: throw Failure(.timedOut, "receive on \(sockets[0].local): timed out, nothing came")
    case .refused: preconditionFailure("datagrams of others are discarded")
    case .interrupted(let signal): return .killed(by: signal)
    }
  }
}
