// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore

/// Accepts one connection and relays standard input and output over it.
struct Listen: ParsableCommand {
  static let configuration = CommandConfiguration(
    // Named, because ArgumentParser takes its time to derive a name from the type's.
    commandName: "listen",
    abstract: "Accept one connection and relay standard input and output over it.",
    usage: "sockkit listen [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH",
    discussion: """
      Examples:
        sockkit listen 5000 | tar x
        sockkit listen --port-file port 127.0.0.1:0 < answer
        sockkit listen -w 30s -U /run/app.sock > received
      """)

  @Argument(help: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup var options: ConnectionOptions

  /// Listens, accepts one connection and relays; what goes wrong is thrown as a `Failure`.
  func run() throws {
    let endpoint = try options.addressing.localEndpoint(address)
    var settings = try options.socket.settings(for: endpoint)
    settings.isPortReused = listening.reusePort
    try listening.check(endpoint)
    let session = options.session(settings: settings)

    var binder = Binder(on: endpoint)
    binder.resolver = options.addressing.resolver
    binder.settings = settings
    let wait = TimingOptions.limit(options.timing.connectTimeout)
    let deadline = min(session.limits.deadline, wait.map(Deadline.after) ?? .never)
    binder.deadline = deadline
    let listener = try binder.listen()
    // Not before: a look-up can only be interrupted by a signal that still has its default action.
    let signals = try SignalQueue(ConnectionOptions.endingSignals)
    try announce(listener, settings, session.reporter)
    let socket = try acceptOne(from: listener, until: deadline, or: signals)
    session.reporter.report(.accepted(from: socket.remote, on: socket.local))
    try session.run(socket, until: signals)
  }

  private func announce(
    _ listener: borrowing Listener, _ settings: SocketSettings, _ reporter: Reporter
  ) throws(Failure) {
    try listening.announce(listener.local, .stream, reporter)
    if settings.isFastOpen {
      reporter.report(.option(EffectiveOption("fast-open", .number(listener.fastOpenQueue))))
    }
  }

  /// Waits for the one connection; the listener is gone when this returns, so that nobody else waits in vain.
  private func acceptOne(
    from listener: consuming Listener, until deadline: Deadline, or signals: borrowing SignalQueue
  ) throws -> StreamSocket {
    while true {
      if let socket = try listener.accept() { return socket }
      var readiness = PollSet()
      readiness.add(listener.number, for: .readable)
      readiness.add(signals.number, for: .readable)
      guard try readiness.wait(until: deadline) else {
        throw Failure(.timedOut, "accept on \(listener.local): timed out, nobody connected")
      }
      if let signal = signals.next() {
        _ = consume listener
        ProcessSignals.die(by: signal)
      }
    }
  }
}
