// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets
import Text

/// Looks services up in the system's services database.
struct GetServ: Subcommand {
  static let configuration = CommandConfiguration(
    // Named explicitly, because deriving the name from the type costs ArgumentParser time.
    commandName: "getserv",
    abstract: "Look up the port of a service, or the service on a port.",
    usage: "sockkit getserv [<options>] SERVICE|PORT [PROTOCOL]",
    discussion: """
      Prints the port or the name for PROTOCOL; without PROTOCOL, all of them, as 80/tcp or http/tcp. Status 68 if \
      nothing is found.

      Examples:
        sockkit getserv http tcp
        sockkit getserv 53
        sockkit getserv --json domain udp
      """)

  static let mostUsed = ["--json", "--trace"]

  @Argument(
    help: ArgumentHelp("The name or alias of a service, or a port number.", valueName: "service"),
    completion: .service,
    transform: ValueArgument.port)
  var service: String?

  @Argument(
    help: ArgumentHelp("The transport protocol, such as tcp or udp.", valueName: "protocol"),
    completion: .list(["tcp", "udp", "sctp", "dccp"]),
    transform: ValueArgument.nonEmpty)
  var `protocol`: String?

  @OptionGroup(title: "Output") var output: GetServOutputOptions
  @OptionGroup(title: "Reporting") var reporting: LookupReportingOptions

  /// Looks up the service and prints it; an unknown service is thrown as a `Failure`.
  func run() throws {
    // Not in validate(), whose message would take precedence over the one about an unknown option.
    guard let word = service else { throw ValidationError("nothing to look up: expected SERVICE or PORT") }
    // In the printed form: 80/tcp.
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let isWhole = `protocol` == nil && parts.count == 2 && !parts.contains("")
    let (query, transportName) = isWhole ? (parts[0], parts[1]) : (word, `protocol`)
    try Sandbox.begin(SandboxNeeds(), reporting.configureReporter()).report()
    // A number with a sign is a name.
    let port = query.hasPrefix("+") ? nil : UInt16(query)
    let transport = transportName?.lowercased()
    let found = Self.services(query, port: port, transport: transport)
    guard !found.isEmpty else {
      let name = [query, transport].compactMap { $0 }.joined(separator: "/")
      throw Failure(ResolutionError(name: name, reason: .unknownService))
    }
    for service in found {
      if output.json {
        StandardOutput.print(JSONLine.encode(ServiceRecord(service)))
      } else {
        let word = port == nil ? "\(service.port)" : service.name
        StandardOutput.print(TerminalSafe.escape(transport == nil ? "\(word)/\(service.protocol)" : word))
      }
    }
  }

  private static func services(_ name: String, port: UInt16?, transport: String?) -> [Service] {
    switch (port, transport) {
    case (let port?, let transport?):
      ServiceDatabase.service(onPort: port, protocol: transport).map { [$0] } ?? []
    case (nil, let transport?):
      ServiceDatabase.service(named: name, protocol: transport).map { [$0] } ?? []
    case (let port?, nil): ServiceDatabase.services(onPort: port)
    case (nil, nil): ServiceDatabase.services(named: name)
    }
  }
}

/// How services are printed.
struct GetServOutputOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Print one JSON object per service.", discussion: "It has name, port, protocol and aliases."))
  var json = false
}
