// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// Receives datagrams from any peer, prints them, and answers them if that is asked for.
struct UDPRecv: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "udp-recv",
    abstract: "Print the datagrams that arrive, whoever sends them, until stopped.",
    usage: "sockkit udp-recv [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH",
    discussion: """
      Examples:
        sockkit udp-recv 5000 | while read -r line; do echo "got $line"; done
        sockkit udp-recv --json -c 1 --timeout 10s 127.0.0.1:5000
        sockkit udp-recv --join 239.1.2.3%eth0 5353
      """)

  @Argument(help: .localAddress, completion: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Output") var output: DatagramFormatOptions

  @OptionGroup(title: "Receiving") var receiving: ReceivingOptions
  @OptionGroup(title: "Answering") var answering: AnswerOptions
  @OptionGroup(title: "Groups") var groups: GroupOptions
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Receives until it is over; what goes wrong is thrown.
  func run() throws {
    let start = Deadline.now
    let reporter = reporting.configureReporter()
    let endpoint = try addressing.localEndpoint(address)
    try listening.check(endpoint)
    var settings = DatagramSettings()
    settings.receiveBuffer = receiving.receiveBuffer
    settings.isPortReused = listening.reusePort
    settings.memberships = try groups.memberships(for: endpoint, family: addressing.family)
    let sink = DatagramOutput(output.format)
    let deadline = TimingOptions.limit(receiving.timeout).map(Deadline.after) ?? .never

    var binder = Binder(on: endpoint)
    binder.resolver = addressing.resolver
    binder.deadline = deadline
    binder.skipped = { reporter.report(.attemptFailed($0)) }
    let sockets = DatagramSockets(
      try binder.receiveDatagrams(
        with: settings, detail: answering.answer == nil ? sink.detail : .everything)
    ) { reporter.report(datagrams: $0) }
    let locals = sockets.locals
    // Not before: a look-up can only be interrupted by a signal that still has its default action.
    let signals = try SignalQueue(ConnectionOptions.endingSignals)
    try listening.announce(locals, .datagram, reporter)

    var receiver = try DatagramReceiver(sockets, output: sink)
    if let answer = answering.answer {
      receiver.responder = try DatagramResponder(with: answer, over: locals[0].family) {
        reporter.report(datagrams: $0)
      }
    }
    receiver.wanted = receiving.count
    receiver.deadline = deadline
    if receiving.receiveBuffer != nil {
      reporter.report(.option(EffectiveOption("receive-buffer", .number(try sockets.receiveBuffer()))))
    }
    let ending = try receiver.run(until: signals)
    reporter.report(
      .exchanged(
        sent: receiver.responder?.answered ?? DatagramTally(), received: receiver.received,
        duration: start.duration(until: .now)))
    for (local, count) in try sockets.drops() { reporter.report(.dropped(count, local)) }
    // A socket file goes with the socket, also where a signal is about to end the process.
    sockets.close()
    try judge(ending, received: receiver.received.datagrams, at: locals[0])
    try sink.close()
  }

  private func judge(_ ending: DatagramReceiver.Ending, received: Int, at local: Address) throws(Failure) {
    switch ending {
    case .complete: return
    case .interrupted(let signal):
      // Being stopped is how it ends, unless it was to wait for a number.
      if receiving.count != nil { ProcessSignals.die(by: signal) }
    case .abandoned(let signal?): ProcessSignals.die(by: signal)
    case .abandoned(nil):
      throw Failure(.timedOut, "write standard output: timed out, nobody takes what was received")
    case .timedOut:
      if let count = receiving.count {
        throw Failure(.timedOut, "receive on \(local): timed out, \(received) of \(count) datagrams came")
      }
      if received == 0 { throw Failure(.timedOut, "receive on \(local): timed out, nothing came") }
    }
  }
}
