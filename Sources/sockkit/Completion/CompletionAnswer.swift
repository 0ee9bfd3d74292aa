// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import ArgumentParserToolInfo
import Glibc
import Netcat
import Sockets
import Usage

/// The completions of a word, as an answer to a completion script.
///
/// The scripts contain nothing about the subcommands: they pass on the words up to the cursor and get an answer in
/// lines. The first line names what the shell adds itself and, after a tab, the part of the word that precedes it; each
/// further line is a whole word, with its description after a tab.
struct CompletionAnswer {
  /// The argument after which a script passes the words.
  static let request = "---complete"

  /// What the shell adds.
  enum Addition: String {
    /// Nothing.
    case nothing
    /// The names of files.
    case files
    /// The names of directories.
    case directories
    /// The commands of the shell.
    case commands
  }

  private var addition = Addition.nothing
  private var prefix = ""
  private var words: [(word: String, description: String)] = []
  private let current: String

  /// Creates the answer for the last of some words, without the program's name.
  init(to words: [String]) {
    let before = words.dropLast()
    current = words.last ?? ""
    let name = before.first ?? ""
    switch name {
    case "" where current.hasPrefix("-"): offer(["--help", "--version"])
    case "": offerSubcommands()
    case "help" where before.count == 1: offerSubcommands()
    case _ where FrontEnds.names.contains(name): completeFrontEnd(name, after: Array(before.dropFirst()))
    default:
      guard let command = Sockkit.subcommands.first(where: { $0._commandName == name }) else {
        return
      }
      complete(command.commandInfo, after: Array(before.dropFirst()))
    }
  }

  /// The answer in the form that a script reads.
  var lines: [String] {
    ["\(addition.rawValue)\t\(prefix)"]
      + words.map { $0.description.isEmpty ? $0.word : "\($0.word)\t\($0.description)" }
  }

  // MARK: A subcommand

  private mutating func complete(_ command: CommandInfoV0, after before: [String]) {
    let arguments = command.arguments ?? []
    let runsCommand = command.option("--sh-exec") != nil
    let typed = TypedWords(
      before, takesValue: { command.option($0)?.takesValue == true }, runsCommand: runsCommand)
    switch typed.place {
    case .value(let name):
      if let option = command.option(name) { offerValues(of: option, typed) }
    case .command(let number): addition = number == 0 ? .commands : .files
    case .argument(let number):
      if current.hasPrefix("--"), let end = current.firstIndex(of: "="),
        let option = command.option(String(current[..<end]))
      {
        offerValues(of: option, typed, behind: String(current[...end]))
      } else if let end = TypedWords.joinedValue(
        in: current, takesValue: { command.option($0)?.takesValue == true }),
        let option = command.option("-\(current[current.index(before: end)])")
      {
        offerValues(of: option, typed, behind: String(current[..<end]))
      } else if current.hasPrefix("-") {
        for option in arguments where !option.isPositional {
          guard option.isRepeating || typed.options.isDisjoint(with: option.spellings) else { continue }
          offer(option.spellings, option.summary)
        }
        offer(["--version"], "Show the version")
      } else {
        let positionals = arguments.filter(\.isPositional)
        let isLast = number >= positionals.count
        if let argument = isLast
          ? positionals.last.flatMap({ $0.isRepeating ? $0 : nil }) : positionals[number]
        {
          offerValues(of: argument, typed)
        }
      }
    }
  }

  /// Offers the options of a front end, and hosts and ports where it has operands.
  private mutating func completeFrontEnd(_ name: String, after before: [String]) {
    guard !current.hasPrefix("-") else {
      for option in FrontEnds.options(of: name) { offer([option.flag], option.summary) }
      return
    }
    let operands = before.filter { !$0.hasPrefix("-") }
    offer(operands.isEmpty ? Self.hosts : Self.services)
    add(.files, behind: "")
  }

  private mutating func offerValues(
    of argument: ArgumentInfoV0, _ typed: TypedWords, behind prefix: String = ""
  ) {
    switch argument.completionKind {
    case .file: add(.files, behind: prefix)
    case .directory: add(.directories, behind: prefix)
    case .list(let values): offer(values, behind: prefix)
    case .shellCommand(let name): offerCandidates(name, typed, behind: prefix)
    default: break
    }
  }

  /// Offers the words of one of the `Candidates`, whose name is where the parser has a command of the shell.
  private mutating func offerCandidates(_ name: String, _ typed: TypedWords, behind prefix: String) {
    switch Candidates(rawValue: name) {
    case .remoteAddress:
      let isList = !typed.options.isDisjoint(with: ["-z", "--check"])
      offer(AddressWords.remote(current, after: typed.positionals, isList: isList), hosts: Self.hosts)
    case .localAddress: offerLocalAddress(after: typed)
    case .servedAddress: offerServedAddress(after: typed)
    case .target: offer(AddressWords.remote(current, after: [], isList: false), hosts: Self.hosts)
    case .hostName: offer(Self.hosts)
    case .service: offer(Self.services, behind: prefix)
    case .ownAddress: offer(Self.ownAddresses, behind: prefix)
    case .numericAddress:
      offer(Self.hosts.filter { IPAddress($0) != nil } + Self.ownAddresses, behind: prefix)
    case .network: offer(Self.ownAddresses + Self.commonNetworks, behind: prefix)
    case .group: offerGroup(behind: prefix)
    case .command: addition = .commands
    case .networkInterface: offer(SystemInventory.interfaces, behind: prefix)
    case .congestionControl: offer(SystemInventory.congestionControls, behind: prefix)
    case .user: offer(SystemInventory.users, behind: prefix)
    case nil: break
    }
  }

  private mutating func offerLocalAddress(after typed: TypedWords) {
    offer(
      AddressWords.local(current, after: typed.positionals),
      hosts: Self.services + Self.ownAddresses + ["*"] + InheritedSockets.beginnings)
  }

  private mutating func offerServedAddress(after typed: TypedWords) {
    let missing = AddressWords.count(in: typed, isBound: true) - typed.positionals.count
    guard !typed.positionals.isEmpty, missing <= 0 else { return offerLocalAddress(after: typed) }
    if missing == 0 { add(.directories, behind: "") }
  }

  /// A multicast group, and behind `%` the interface.
  private mutating func offerGroup(behind prefix: String) {
    guard let percent = current.lastIndex(of: "%") else { return offer(Self.commonGroups, behind: prefix) }
    offer(SystemInventory.interfaces, behind: String(current[...percent]))
  }

  private mutating func offer(_ offer: AddressWords.Offer, hosts: [String]) {
    switch offer.part {
    case .host: self.offer(hosts + ["unix:", VsockAddress.beginning])
    case .service: self.offer(Self.services, behind: offer.prefix)
    case .path: add(.files, behind: offer.prefix)
    case .machine: self.offer(["any:", "host:", "local:"], behind: offer.prefix)
    case .nothing: break
    }
  }

  // MARK: Offered words

  private mutating func offerSubcommands() {
    for command in Sockkit.subcommands {
      offer([command._commandName], command.configuration.abstract)
    }
    offer(FrontEnds.names, FrontEnds.abstract)
    offer(["help"], "Show help for a subcommand")
  }

  private mutating func add(_ addition: Addition, behind prefix: String) {
    self.addition = addition
    self.prefix = prefix
  }

  private mutating func offer(_ candidates: [String], _ description: String = "", behind prefix: String = "")
  {
    for candidate in candidates where (prefix + candidate).hasPrefix(current) {
      words.append((prefix + candidate, description))
    }
  }

  private static var hosts: [String] {
    HostNames.known(home: unsafe getenv("HOME").map { unsafe String(cString: $0) })
  }

  private static var services: [String] { Set(ServiceDatabase.all.map(\.name)).sorted() }

  /// The loopback networks, and those of private addresses: RFC 1918, RFC 4193 and RFC 4291.
  private static let commonNetworks = [
    "127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10",
  ]

  /// The groups of multicast DNS and of SSDP, for both families.
  private static let commonGroups = ["224.0.0.251", "239.255.255.250", "ff02::fb", "ff02::c"]

  private static var ownAddresses: [String] { SystemInventory.addresses.map { "\($0)" } }
}
