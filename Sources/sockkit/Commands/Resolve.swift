// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Glibc
import Sessions
import Sockets

/// Looks names up through the system's own resolver.
struct Resolve: Subcommand {
  static let configuration = CommandConfiguration(
    // Named explicitly, because deriving the name from the type costs ArgumentParser time.
    commandName: "resolve",
    abstract: "Look up host names and addresses with the system's resolver.",
    usage: "sockkit resolve [<options>] [NAME ...]",
    discussion: """
      Prints the canonical name, the aliases and the addresses of each NAME, IPv4 before IPv6; an address is looked \
      up in reverse. Without NAME, the names are read from standard input, one per line. Status 68 if any is unknown, \
      75 if the resolver did not answer; the others are still printed.

      Examples:
        sockkit resolve www.example.com
        sockkit resolve --short -4 --service https example.com
        sockkit resolve --json --jobs 32 --timeout 3s < names
      """)

  static let mostUsed = ["--short", "--json", "-4", "-6", "--service", "--timeout", "--jobs", "--trace"]

  @Argument(
    help: ArgumentHelp("A host name, or an address to look up in reverse.", valueName: "name"),
    completion: .hostName,
    transform: ValueArgument.nonEmpty)
  var names: [String] = []

  @OptionGroup(title: "Looking up") var looking: LookupOptions
  @OptionGroup(title: "Output") var output: ResolveOutputOptions
  @OptionGroup(title: "Reporting") var reporting: LookupReportingOptions

  /// Rejects arguments that are not names.
  func validate() throws {
    if let url = names.first(where: { $0.includes("://") }) {
      throw ValidationError("'\(url)' is a URL: expected the name of a host")
    }
    if let name = names.first(where: Self.hasPort) {
      throw ValidationError(
        "'\(name)' has a port: expected the name of a host (to add a port, use '--service PORT')")
    }
  }

  private static func hasPort(_ name: String) -> Bool {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && UInt16(parts[1]) != nil
  }

  /// Looks up all names and prints them; a name that is not found is reported and decides the exit status.
  func run() throws {
    let reporter = reporting.configureReporter()
    let printer = HostPrinter(format: output.format, port: try output.port())
    var invocation = LookupInvocation(
      of: names.isEmpty ? NameSource(StandardStream(.input)) : NameSource(names))
    invocation.family = looking.family
    invocation.jobs = looking.jobs
    invocation.limit = TimingOptions.limit(looking.timeout)
    try LookupSession(invocation, reporter, output: printer.print).run().end()
  }
}

/// How names are looked up.
struct LookupOptions: ParsableArguments {
  @Flag(name: [.customShort("4"), .customLong("ipv4")], help: "Look for IPv4 addresses only.")
  var isIPv4Only = false

  @Flag(name: [.customShort("6"), .customLong("ipv6")], help: "Look for IPv6 addresses only.")
  var isIPv6Only = false

  @Option(
    name: [.customLong("jobs"), .customShort("j", allowingJoined: true)], parsing: .unconditional,
    help: ArgumentHelp(
      "Look up this many names at a time (default: 8).", discussion: "1 to \(ValueArgument.mostJobs).",
      valueName: "n"
    ),
    completion: .count, transform: ValueArgument.jobs)
  var jobs = 8

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Time limit for each name.",
      discussion: "(default: as long as the system's resolver takes)", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var timeout: Duration?

  /// Rejects options that exclude each other.
  func validate() throws {
    if isIPv4Only && isIPv6Only { throw ValidationError("-4 and -6 exclude each other") }
  }

  /// The only address family to look up; `nil` for both.
  var family: AddressFamily? { isIPv4Only ? .ipv4 : isIPv6Only ? .ipv6 : nil }
}

/// How hosts are printed.
struct ResolveOutputOptions: ParsableArguments {
  @Flag(help: "Print addresses only, one per line.")
  var short = false

  @Flag(help: "Print one JSON object per name.")
  var json = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Add the port of this service, or this port.", valueName: "name"),
    completion: .service,
    transform: ValueArgument.port)
  var service: String?

  /// Rejects options that exclude each other.
  func validate() throws {
    if short && json { throw ValidationError("--short and --json exclude each other") }
  }

  /// The requested format.
  var format: HostPrinter.Format { short ? .short : json ? .json : .blocks }

  /// The port to add, if any; a service without a TCP port may have one for UDP.
  func port() throws(Failure) -> UInt16? {
    guard let service else { return nil }
    do {
      return try Resolver.port(service)
    } catch {
      guard let port = ServiceDatabase.port(of: service, protocol: "udp") else { throw Failure(error) }
      return port
    }
  }
}
