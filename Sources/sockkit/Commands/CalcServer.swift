// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Calculator
import Engine
import Sessions
import Sockets

/// Serves the calculation protocol.
struct CalcServer: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "calc-server",
    abstract: "Calculate for clients over a binary protocol.",
    usage:
      "sockkit calc-server [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH | vsock:CID:PORT",
    discussion: """
      Each client has a process of its own, unless --model says otherwise. The wire format is described in \
      sockkit-calc-server(1).

      Examples:
        sockkit calc-server 5000
        sockkit calc-server -v --model event --port-file port 127.0.0.1:0
        sockkit calc-server --max-operand 1M --allow 192.0.2.0/24 5000
      """)

  static let mostUsed = [
    "-v", "--model", "--max-operand", "-m", "-i", "--allow", "--port-file", "--json", "--trace",
  ]

  @Argument(help: .localAddress, completion: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Calculating") var calculating: CalculatingOptions
  @OptionGroup(title: "Serving") var serving: ServerOptions<UsuallyFork>
  @OptionGroup var rare: RareOptions<RareServerOptions<TLSServerOptions>>
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  private var tls: TLSServerOptions? { rare.given?.tls }
  private var headers: AcceptedHeaderOptions? { rare.given?.headers }

  /// Serves until a signal ends the program; a failure is thrown.
  func run() throws {
    let reporter = reporting.configureReporter(isJSON: serving.json)
    let service = calculating.maxOperand.map { CalculatorService(operandLimit: $0) } ?? CalculatorService()
    let endpoint = try addressing.localEndpoint(address, isInetd: listening.inetd)
    var invocation = try serving.invocation(on: endpoint, addressing, listening, reporter)
    invocation.access.proxies = try headers?.proxies(of: endpoint)
    invocation.protect(try tls?.protection(on: endpoint, reporter))
    try ServerSession(invocation, reporter).run(service).end()
  }
}

/// The limits of calculations.
struct CalculatingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Limit on an operand in bytes (default: 64K).", valueName: "size"),
    completion: .size, transform: ValueArgument.operandSize)
  var maxOperand: Int?
}
