// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Glibc
import LineEditing
import Sessions
import Sockets
import SystemPackage
import Usage

/// Calculates expressions on a server: those of the command line, or those on standard input, one per line.
struct Calc: Subcommand {
  static let configuration = CommandConfiguration(
    // Named explicitly, because deriving the name from the type costs ArgumentParser time.
    commandName: "calc",
    abstract: "Evaluate expressions on a calculation server.",
    usage:
      "sockkit calc [<options>] (HOST PORT | HOST:PORT | [IPV6]:PORT | unix:PATH | vsock:CID:PORT) [--] [EXPRESSION ...]",
    discussion: """
      An EXPRESSION is made of integers, which are exact at any size, decimals (2.5, 1e9), texts ("text", with \\", \
      \\\\ and \\n), + - * /, and parentheses; + joins two texts. The expression -4 or -6 goes after --. Without \
      EXPRESSION, they are read from standard input, one per line; a terminal gets a menu and a prompt. Results are \
      printed one per line, in order. An expression without a result is reported, does not stop the others, and makes \
      the status 65.

      Examples:
        sockkit calc server 5005 '2 * (3 + 4)' '"a" + "b"'
        sockkit calc server:5005 -- '-3 + 4'
        seq 1000 | sed 's/$/ * 2.5/' | sockkit calc server 5005
      """)

  static let mostUsed = ["-v", "-w", "-i", "--timeout", "--retry", "--no-history", "--trace"]

  @Argument(
    help: ArgumentHelp(
      "HOST PORT, HOST:PORT, [IPV6]:PORT, unix:PATH or vsock:CID:PORT, and the expressions.",
      valueName: "address"),
    completion: .remoteAddress)
  var words: [String] = []

  @Flag(
    name: .customLong("no-history"),
    help: ArgumentHelp(
      "Do not keep the lines typed at a terminal.",
      discussion: "They are kept in $XDG_STATE_HOME/sockkit for the next session."))
  var isForgetful = false

  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Timing") var dialing: DialingOptions
  @OptionGroup(title: "Timing") var timing: TimingOptions
  @OptionGroup(title: "Socket options") var protocols: SCTPOptions
  @OptionGroup(title: "TLS") var tls: RareOptions<TLSClientOptions>
  @OptionGroup(title: "Proxies") var proxies: RareOptions<ProxyOptions>
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Connects and calculates; a failure is thrown as a `Failure`, except for expressions without a result.
  func run() throws {
    let reporter = reporting.configureReporter()
    let addressWords = words.prefix(addressing.addressWordCount(in: words))
    let endpoint = try addressing.remoteEndpoint(Array(addressWords))
    // A leading space keeps an expression that begins with a minus sign from being parsed as options.
    let expressions = words.dropFirst(addressWords.count).map { String($0.drop { $0 == " " }) }
    var invocation = CalculationInvocation(try dialing.settings(for: endpoint, addressing))
    invocation.dialing.proxies = try proxies.given?.chain(to: endpoint, reporter)
    try protocols.apply(to: &invocation.dialing)
    invocation.protect(try tls.given?.protection(of: endpoint, reporter))
    invocation.expressions = expressions
    invocation.limits = timing.limits
    invocation.keepsHistory = !isForgetful
    let printer = OutcomePrinter(reporter) {
      ShellWords.problem(of: expressions, isFile: { (try? FileStatus(ofPath: $0)) != nil })
    }
    try CalculationSession(invocation, reporter, to: printer).run().end()
  }
}
