// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Transport

/// Sockets for datagrams whose peers are served like clients, any number at a time: each by a command of its own, or all
/// by a hub.
struct DatagramServerSession {
  /// Where to listen, and how peers are served.
  let invocation: ListenInvocation
  /// Receives events and statistics.
  let observer: any SessionObserver

  /// Serves until the session is over.
  ///
  /// - Throws: The failure of the session.
  func run() throws(Failure) -> SessionOutcome {
    var stream = invocation.stream
    stream.layers.makeTransport = { socket, _ in
      PacketStream(socket, framing: .writes, longest: DatagramStream.longestSent)
    }
    let access = try AccessControl(invocation.access, reloading: stream.reload)
    var listening = invocation.listening
    var needs = SandboxNeeds(of: stream)
    needs.answer(at: invocation.endpoint)
    try listening.beginSandbox(
      needs, on: invocation.endpoint, rereading: access, running: stream, observer)
    stream.spawner = listening.sandbox?.spawner
    let limits = try StreamSession(stream, observer).limits
    let arrivalDeadline = invocation.arrivalLimit.map(Deadline.after) ?? .never
    var binder = listening.binder(on: invocation.endpoint, observer)
    binder.isOnLoopback = invocation.isOnLoopback
    binder.deadline = min(limits.deadline, arrivalDeadline)
    var settings = DatagramSettings(stream.settings)
    listening.share(&settings)
    try judging { () throws(IOFailure) in try stream.command?.check() }
    // Each peer has two descriptors until it is served.
    DescriptorLimit.raise()
    let observer = observer
    let sockets = DatagramSockets(try binder.receiveDatagrams(with: settings, detail: .everything)) {
      observer.report(datagrams: $0)
    }
    try stream.filters.records.openEarly(observer)
    let locals = sockets.locals
    let server = ClientServerSession(
      invocation: invocation, stream: stream, limits: limits, arrivalDeadline: arrivalDeadline,
      access: access,
      observer: observer)
    let demultiplexer = try judging { () throws(IOFailure) in
      try DatagramDemultiplexer(sockets, server.policy) { observer.report(datagrams: $0) }
    }
    // After the connections, so that what they have written is sent.
    defer { demultiplexer.close() }
    let listeners = ListenerGroup(demultiplexer.connections)
    func announce() throws(Failure) { try listening.announce(datagramsAt: locals, observer) }
    if let command = stream.command {
      return try server.run(command, on: listeners, beside: demultiplexer, announce)
    }
    var hub = invocation.hub ?? HubSettings()
    // Datagrams have no end of their own: a half-close would end the connection of a peer that goes on sending.
    hub.halfCloses = false
    return try server.run(hub, on: listeners, beside: demultiplexer, announce)
  }
}
