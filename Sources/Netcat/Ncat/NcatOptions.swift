// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets

/// A command line of `ncat`, as values.
package struct NcatOptions: Sendable {
  /// The family of addresses (`-4`, `-6`); `nil` for both.
  package var family: AddressFamily?
  /// Whether names are not looked up (`-n`).
  package var isNumeric = false
  /// Whether it uses Unix sockets (`-U`), those of virtual machines (`--vsock`), and datagrams (`-u`).
  package var (isUnix, isVsock, isUDP) = (false, false, false)
  /// Whether it uses SCTP (`--sctp`).
  package var isSCTP = false
  /// Whether it listens (`-l`), and for many clients (`-k`).
  package var (listens, keepsOpen) = (false, false)
  /// How often connections are to be reported (`-v`).
  package var verbosity = 0
  /// Whether the socket is only connected (`-z`).
  package var isCheck = false
  /// The number of clients at a time (`-m`); `nil` if it is not given.
  package var maximumConnections: Int?
  /// The commands for a connection (`-e`, `-c`), of which one is allowed.
  package var commands: [Command?] = []
  /// Whether a script is run for a connection (`--lua-exec`).
  package var runsScript = false
  /// Whether LF is sent as CRLF (`-C`), and the options of Telnet are refused (`-t`).
  package var (convertsLineEnds, speaksTelnet) = (false, false)
  /// The pause between lines (`-d`), the idle time (`-i`), and the time to connect in (`-w`).
  package var (delay, idle, wait): (Duration?, Duration?, Duration) = (nil, nil, .seconds(10))
  /// The time to the end after that of the input (`-q`); `nil` if it is not given, or negative.
  package var quitAfter: Duration?
  /// Whether it stays after the end of the input for as long as the peer does (a negative `-q`).
  package var staysAfterInput = false
  /// The files of the traffic (`-o`, `-x`), and whether they are continued (`--append-output`).
  package var (output, hexDump, appends): (String?, String?, Bool) = (nil, nil, false)
  /// The local host (`-s`) and port (`-p`).
  package var (source, sourcePort): (String?, String?)
  /// Whether it only sends (`--send-only`), only receives (`--recv-only`).
  package var (sendsOnly, receivesOnly) = (false, false)
  /// Whether the connection is half-closed at the end of the input; not with `--no-shutdown`.
  package var halfCloses = true
  /// The hosts that are served (`--allow`), and those that are not (`--deny`).
  package var (allowed, denied): ([String], [String]) = ([], [])
  /// The files of such hosts (`--allowfile`, `--denyfile`).
  package var (allowedFiles, deniedFiles): ([String], [String]) = ([], [])
  /// Whether clients are connected with each other (`--broker`), as a chat (`--chat`).
  package var (isBroker, isChat) = (false, false)
  /// The proxy (`--proxy`), what it speaks (`--proxy-type`), and its user (`--proxy-auth`).
  package var (proxy, proxyType, proxyUser): (String?, String?, String?)
  /// Who looks up the target of a proxy (`--proxy-dns`).
  package var proxyLookup = ProxyLookup.remote
  /// Whether it uses TLS (`--ssl`), and verifies the server (`--ssl-verify`).
  package var (usesTLS, verifies) = (false, false)
  /// The files of the certificate (`--ssl-cert`) and its key (`--ssl-key`), and of those to trust (`--ssl-trustfile`).
  package var (certificate, key, trustFile): (String?, String?, String?)
  /// The ciphers (`--ssl-ciphers`), and the name to ask for (`--ssl-servername`).
  package var (ciphers, serverName): (String?, String?)
  /// The application protocols (`--ssl-alpn`).
  package var alpn: String?
  /// Whether each listening socket is announced for a test (`--test`).
  package var announcesTest = false
  /// The words that are no options.
  package var operands: [String] = []

  /// Who looks up the target of a proxy.
  package enum ProxyLookup: String {
    case local, remote, both, none
  }

  /// The command for a connection; `nil` for none.
  package var command: Command? { commands.first ?? nil }

  /// Whether it is an HTTP proxy for others.
  package var servesProxy: Bool { listens && proxyType != nil }

  /// Takes a command line.
  ///
  /// - Parameter program: The program's name as it was called, for messages.
  /// - Throws: The end of the program: help, the version, or the usage error of the original.
  package init(_ words: [String], of program: ProgramName) throws(ProgramMessage) {
    var scanner = OptionScanner(words, NcatOption.all.map(\.syntax))
    while true {
      do {
        guard let option = try scanner.next() else { break }
        try take(option.name, option.value)
      } catch let error as OptionError {
        throw .error(
          ["\(program.path): \(error)", NcatMessages.quitting(NcatUsage.advice)], status: 2)
      } catch let end as ProgramMessage {
        throw end
      } catch {
        fatalError("nothing here throws \(error)")
      }
    }
    operands = scanner.operands
  }

  private mutating func take(_ name: NcatOption.Name, _ value: String) throws(ProgramMessage) {
    switch name {
    case .ipv4: family = .ipv4
    case .ipv6: family = .ipv6
    case .unix: (isUnix, isVsock) = (true, false)
    case .vsock: (isUnix, isVsock) = (false, true)
    case .sctp: isSCTP = true
    case .sourceRoute, .routePointer:
      throw Self.refuse("Loose source routing is not supported: today's networks drop its packets.")
    case .crlf: convertsLineEnds = true
    case .shell: commands.append(Command(shell: value))
    case .execute: commands.append(Command(NcatCommand.words(of: value), isSearched: false))
    case .script:
      commands.append(nil)
      runsScript = true
    case .maximumConnections:
      guard let number = Self.number(value, upTo: Int(Int32.max)) else {
        throw Self.refuse("Invalid number of connections \"\(value)\".")
      }
      maximumConnections = number
    case .help:
      throw ProgramMessage(lines: NcatUsage.help, isOutput: true, status: 0)
    case .version:
      throw ProgramMessage(lines: [NcatUsage.versionLine], isOutput: false, status: 0)
    case .delay: delay = try Self.time(value, "-d delay")
    case .idle: idle = try Self.time(value, "-i timeout")
    case .wait: wait = try Self.time(value, "-w timeout")
    case .quit:
      guard let time = NcatTime.parse(value) else {
        throw Self.refuse("Invalid -q time \"\(value)\" (must be less than \(NcatTime.bound)s).")
      }
      staysAfterInput = time < .zero
      quitAfter = staysAfterInput ? nil : time
    case .output: output = value
    case .hexDump: hexDump = value
    case .append: appends = true
    case .sourcePort:
      guard Self.number(value, upTo: .max) != nil else {
        throw Self.refuse("Invalid source port number \"\(value)\".")
      }
      sourcePort = value
    case .source: source = value
    case .listen: listens = true
    case .keepOpen: keepsOpen = true
    case .numeric: isNumeric = true
    case .telnet: speaksTelnet = true
    case .udp: isUDP = true
    case .verbose: verbosity += 1
    case .check: isCheck = true
    case .sendOnly: sendsOnly = true
    case .receiveOnly: receivesOnly = true
    case .noShutdown: halfCloses = false
    case .allow: allowed += value.split(separator: ",").map(String.init)
    case .deny: denied += value.split(separator: ",").map(String.init)
    case .allowFile: allowedFiles.append(value)
    case .denyFile: deniedFiles.append(value)
    case .broker: isBroker = true
    case .chat: (isBroker, isChat) = (true, true)
    case .proxy: try Self.set(&proxy, value, "--proxy")
    case .proxyType: try Self.set(&proxyType, value, "--proxy-type")
    case .proxyUser: try Self.set(&proxyUser, value, "--proxy-auth")
    case .proxyDNS:
      guard let known = ProxyLookup(rawValue: value.lowercased()) else {
        throw Self.refuse("Invalid proxy DNS type.")
      }
      proxyLookup = known
    case .tls: usesTLS = true
    case .certificate: (usesTLS, certificate) = (true, value)
    case .key: (usesTLS, key) = (true, value)
    case .verify: (usesTLS, verifies) = (true, true)
    case .trustFile: (usesTLS, trustFile) = (true, value)
    case .ciphers: (usesTLS, ciphers) = (true, value)
    case .serverName: (usesTLS, serverName) = (true, value)
    case .alpn: (usesTLS, alpn) = (true, value)
    case .test: announcesTest = true
    }
    if commands.count > 1 { throw Self.refuse("Only one of --exec, --sh-exec, and --lua-exec is allowed.") }
  }

  private static func time(_ text: String, _ what: String) throws(ProgramMessage) -> Duration {
    guard let time = NcatTime.parse(text), time > .zero else {
      throw refuse(
        "Invalid \(what) \"\(text)\" (must be greater than 0 and less than \(NcatTime.bound)s).")
    }
    return time
  }

  private static func number(_ text: String, upTo most: Int) -> Int? {
    try? BoundedNumber.parse(text, in: 0...most)
  }

  private static func set(
    _ place: inout String?, _ value: String, _ option: String
  ) throws(ProgramMessage) {
    guard place == nil else { throw refuse("You can't specify more than one \(option).") }
    place = value
  }

  private static func refuse(_ text: String) -> ProgramMessage {
    .error([NcatMessages.quitting(text)], status: 2)
  }
}
