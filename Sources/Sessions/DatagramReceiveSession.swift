// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets

/// Which datagrams to receive, and how to answer them.
package struct DatagramReceiveInvocation {
  /// The endpoint to receive on.
  package var endpoint: Endpoint
  /// How names are looked up, and the port is announced.
  package var listening = ListeningSettings()
  /// The options of the sockets, without those in `listening`.
  package var settings = DatagramSettings()
  /// How datagrams are written to standard output.
  package var format: any DatagramFormat = TextDatagramFormat()
  /// How each datagram is answered; `nil` for no answer.
  package var answer: DatagramAnswer?
  /// How datagrams are protected; `nil` for plain ones.
  package var protection: ReceiverProtection?
  /// The number of datagrams to receive; `nil` for no limit.
  package var count: Int?
  /// Whether reports name peers, which are looked up then.
  package var namesPeers = false
  /// Whether a signal that requests the end ends the program, rather than being a usual end.
  package var isEndedBySignal = false
  /// Whether an empty datagram ends the session.
  package var endsOnEmpty = false
  /// The maximum total time; `nil` for no limit.
  package var limit: Duration?

  /// Creates an invocation with the default settings.
  package init(on endpoint: Endpoint) { self.endpoint = endpoint }

  fileprivate var needs: SandboxNeeds {
    var needs = SandboxNeeds()
    needs.looksUpLater = namesPeers
    needs.answer(at: endpoint)
    if let protection { needs.files.add(protection.files) }
    return needs
  }
}

/// Receives datagrams, writes them to standard output, and answers them.
package struct DatagramReceiveSession {
  private let invocation: DatagramReceiveInvocation
  private let observer: any SessionObserver

  /// Creates a session.
  package init(_ invocation: DatagramReceiveInvocation, _ observer: any SessionObserver) {
    self.invocation = invocation
    self.observer = observer
  }

  /// Receives until the number of datagrams or the time limit is reached, an empty datagram ends the session, or a signal
  /// ends the program.
  ///
  /// - Throws: The failure of the session, also if too few datagrams arrived.
  package func run() throws(Failure) -> SessionOutcome {
    defer { ServiceManager.current?.report(.stopping) }
    let observer = observer
    let start = Deadline.now
    var settings = invocation.settings
    let access = try AccessControl(AccessSources(), reloading: invocation.protection?.reload)
    var listening = invocation.listening
    try listening.beginSandbox(invocation.needs, on: invocation.endpoint, rereading: access, observer)
    listening.share(&settings)
    let output = DatagramOutput(invocation.format)
    let deadline = invocation.limit.map(Deadline.after) ?? .never
    var binder = listening.binder(on: invocation.endpoint, observer)
    binder.deadline = deadline
    let sockets = DatagramSockets(
      try binder.receiveDatagrams(
        with: settings,
        detail: invocation.answer == nil && invocation.protection == nil ? output.detail : .everything)
    ) { observer.report(datagrams: $0) }
    let locals = sockets.locals
    // Not earlier: a look-up can only be interrupted by a signal that still has its default action.
    let signals = try judging { () throws(IOFailure) in
      if let protection = invocation.protection { try sockets.protect(by: protection.sessions) }
      return try SignalQueue(StreamInvocation.endingSignals, for: access)
    }
    try listening.announce(datagramsAt: locals, observer)
    let ending: DatagramReceiver.Ending
    let received: Int
    do throws(IOFailure) {
      var receiver = try DatagramReceiver(sockets, output: output)
      if let answer = invocation.answer {
        receiver.responder = try DatagramResponder(with: answer, over: locals[0].family) {
          observer.report(datagrams: $0)
        }
      }
      receiver.policy = AccessPolicy(access) { observer.report(connection: $0) }
      receiver.wanted = invocation.count
      receiver.endsOnEmpty = invocation.endsOnEmpty
      receiver.deadline = deadline
      if invocation.settings.receiveBuffer != nil {
        observer.report(.option(EffectiveOption("receive-buffer", .number(try sockets.receiveBuffer()))))
      }
      ending = try receiver.run(until: signals)
      received = receiver.received.datagrams
      observer.report(
        .exchanged(
          sent: receiver.responder?.answered ?? DatagramTally(), received: receiver.received,
          duration: start.duration(until: .now)))
      for (local, count) in try sockets.drops() { observer.report(.dropped(count, local)) }
    } catch {
      return try SessionOutcome(of: error)
    }
    // The file of a Unix socket is removed with the socket, even if a signal is about to end the program.
    sockets.close()
    if let signal = try fatalSignal(of: ending, received: received, at: locals[0]) {
      return .killed(by: signal)
    }
    do throws(IOFailure) { try output.close() } catch { return try SessionOutcome(of: error) }
    return .success
  }

  /// The signal that ends the program; `nil` after success.
  ///
  /// - Throws: A failure if standard output took too long, or too few datagrams arrived.
  private func fatalSignal(
    of ending: DatagramReceiver.Ending, received: Int, at local: Address
  ) throws(Failure) -> CInt? {
    switch ending {
    case .complete: return nil
    // A signal is the usual end, unless a number of datagrams was requested.
    case .interrupted(let signal):
      return invocation.count == nil && !invocation.isEndedBySignal ? nil : signal
    case .abandoned(let signal?): return signal
    case .abandoned(nil):
      throw Failure(.timedOut, "write standard output: timed out, the received data is not being read")
    case .timedOut:
      if let count = invocation.count {
        throw Failure(.timedOut, "receive on \(local): timed out, \(received) of \(count) datagrams came")
      }
      if received == 0 { throw Failure(.timedOut, "receive on \(local): timed out, nothing came") }
      return nil
    }
  }
}
