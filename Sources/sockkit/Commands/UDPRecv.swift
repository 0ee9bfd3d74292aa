// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets

/// Receives datagrams from any peer, prints them, and answers them on request.
struct UDPRecv: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "udp-recv",
    abstract: "Print the datagrams that arrive, until stopped.",
    usage: "sockkit udp-recv [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH",
    discussion: """
      Examples:
        sockkit udp-recv 5000 | while read -r line; do echo "got $line"; done
        sockkit udp-recv --json -c 1 --timeout 10s 127.0.0.1:5000
        sockkit udp-recv --join 239.1.2.3%eth0 5353
      """)

  static let mostUsed = [
    "-c", "--timeout", "--raw", "--hex", "--json", "--echo", "--reply", "--join", "-v", "--trace",
  ]

  @Argument(help: .localAddressOfDatagrams, completion: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Output") var output: DatagramFormatOptions

  @OptionGroup(title: "Receiving") var receiving: ReceivingOptions
  @OptionGroup(title: "Answering") var answering: AnswerOptions
  @OptionGroup(title: "TLS") var tls: RareOptions<DTLSReceivingOptions>
  @OptionGroup(title: "Groups") var groups: GroupOptions
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Rejects options that exclude each other.
  func validate() throws {
    if receiving.peek, answering.answer != nil {
      throw ValidationError("--peek excludes --echo, --prefix and --reply: the datagram is not taken")
    }
    if receiving.peek, receiving.endOnEmpty {
      throw ValidationError("--peek and --end-on-empty exclude each other")
    }
    guard tls.given?.server.common.tls == true else { return }
    if receiving.peek { throw ValidationError("--tls and --peek exclude each other") }
    if receiving.endOnEmpty {
      throw ValidationError("--tls and --end-on-empty exclude each other: no message is empty")
    }
    if !groups.join.isEmpty { throw ValidationError("--tls and --join exclude each other") }
  }

  /// Receives until the session is over; a failure is thrown.
  func run() throws {
    let reporter = reporting.configureReporter()
    let endpoint = try addressing.localEndpoint(address, isInetd: listening.inetd)
    try AddressingOptions.checkDatagrams(endpoint)
    try listening.check(endpoint, reporter)
    var invocation = DatagramReceiveInvocation(on: endpoint)
    invocation.listening = try listening.settings(addressing.resolver)
    invocation.settings.receiveBuffer = receiving.receiveBuffer
    invocation.settings.memberships = try groups.memberships(for: endpoint, family: addressing.family)
    invocation.format = output.format
    invocation.answer = answering.answer
    invocation.settings.isPeeking = receiving.peek
    invocation.protection = try tls.given?.protection(on: endpoint, reporter)
    invocation.count = receiving.count ?? (receiving.peek ? 1 : nil)
    invocation.endsOnEmpty = receiving.endOnEmpty
    invocation.limit = TimingOptions.limit(receiving.timeout)
    try DatagramReceiveSession(invocation, reporter).run().end()
  }
}
