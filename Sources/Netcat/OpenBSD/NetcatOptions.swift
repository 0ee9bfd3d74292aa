// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets

/// A command line of OpenBSD's `nc`, as values.
package struct NetcatOptions: Sendable {
  /// What an option stands for.
  package enum Name: Sendable {
    case ipv4, ipv6, broadcast, crlf, debug, noInput, passesDescriptor, help, listen, keepOpen, shutdown,
      numeric
    case random, signature, telnet, unix, udp, verbose, check, datagramCongestion
    case receiveBuffer, interval, timeToLive, minimumTimeToLive, sendBuffer, proxyUser, sourcePort, quit,
      source
    case typeOfService, routingTable, receiveLimit, timeout, proxyProtocol, proxy
    case execute, shell
    case tlsTruncation
    case tls, tlsCertificate, tlsKey, tlsAuthority, tlsName, tlsPin, tlsInsecure, tlsStaple
  }

  /// The options, with the letters of `nc` and those of `nc.traditional` that it lacks.
  package static let syntax: [OptionSyntax<Name>] = [
    .init(.ipv4, "4"), .init(.ipv6, "6"), .init(.broadcast, "b"), .init(.crlf, "C"), .init(.debug, "D"),
    .init(.noInput, "d"), .init(.passesDescriptor, "F"), .init(.help, "h", "help"), .init(.listen, "l"),
    .init(.keepOpen, "k"), .init(.shutdown, "N"), .init(.numeric, "n"), .init(.random, "r"),
    .init(.signature, "S"), .init(.telnet, "t"), .init(.unix, "U"), .init(.udp, "u"), .init(.verbose, "v"),
    .init(.check, "z"), .init(.datagramCongestion, "Z"),
    .init(.receiveBuffer, "I", takesValue: true), .init(.interval, "i", takesValue: true),
    .init(.timeToLive, "M", takesValue: true), .init(.minimumTimeToLive, "m", takesValue: true),
    .init(.sendBuffer, "O", takesValue: true), .init(.proxyUser, "P", takesValue: true),
    .init(.sourcePort, "p", takesValue: true), .init(.quit, "q", takesValue: true),
    .init(.source, "s", takesValue: true), .init(.typeOfService, "T", takesValue: true),
    .init(.routingTable, "V", takesValue: true), .init(.receiveLimit, "W", takesValue: true),
    .init(.timeout, "w", takesValue: true), .init(.proxyProtocol, "X", takesValue: true),
    .init(.proxy, "x", takesValue: true), .init(.execute, "e", takesValue: true),
    .init(.shell, "c", takesValue: true),
    .init(.tls, nil, "tls"), .init(.tlsCertificate, nil, "tls-cert", takesValue: true),
    .init(.tlsKey, "K", "tls-key", takesValue: true), .init(.tlsAuthority, "R", "tls-ca", takesValue: true),
    .init(.tlsName, nil, "tls-name", takesValue: true), .init(.tlsPin, "H", "tls-pin", takesValue: true),
    .init(.tlsInsecure, nil, "insecure"), .init(.tlsTruncation, nil, "tls-allow-truncation"),
    .init(.tlsStaple, "o", "tls-staple", takesValue: true),
  ]

  /// The family of addresses (`-4`, `-6`); `nil` for both.
  package var family: AddressFamily?
  /// Whether names and services are not looked up (`-n`).
  package var isNumeric = false
  /// Whether it listens (`-l`), and for any number of clients (`-k`).
  package var (listens, keepsOpen) = (false, false)
  /// Whether it speaks UDP (`-u`), or uses Unix sockets (`-U`).
  package var (isUDP, isUnix) = (false, false)
  /// Whether ports are only checked (`-z`), and whether they are tried in random order (`-r`).
  package var (isCheck, isRandom) = (false, false)
  /// Whether it reports connections (`-v`).
  package var isVerbose = false
  /// Whether standard input is not read (`-d`).
  package var ignoresInput = false
  /// Whether the connection is half-closed when the input ends (`-N`).
  package var halfCloses = false
  /// How long to wait for the peer after that (`-q`); `nil` for as long as it takes.
  package var quitAfter: Duration?
  /// The time for a connection, and then without a byte (`-w`); `nil` for no limit.
  package var timeout: Duration?
  /// The time between lines and between ports (`-i`); `nil` for none.
  package var interval: Duration?
  /// The number of receives after which it ends (`-W`); `nil` for no limit.
  package var receiveLimit: Int?
  /// Whether LF is sent as CRLF (`-C`), and telnet's options are refused (`-t`).
  package var (convertsLineEnds, speaksTelnet) = (false, false)
  /// Whether the descriptor of the connection is passed on over standard output (`-F`).
  package var passesDescriptor = false
  /// The socket options (`-b`, `-D`, `-I`, `-M`, `-m`, `-O`, `-S`, `-T`).
  package var settings = SocketSettings()
  /// Whether segments are signed (`-S`), which requires a password.
  package var signs = false
  /// The local host (`-s`) and port (`-p`).
  package var (source, sourcePort): (String?, String?)
  /// The proxy (`-x`), what it speaks (`-X`), and the user (`-P`).
  package var (proxy, proxyUser): (String?, String?)
  /// What the proxy speaks (`-X`).
  package var proxyProtocol = ProxyProtocol.socks5
  /// How the connection is protected.
  package var tls = NetcatTLS()
  /// The command for the connection (`-e`, `-c`); `nil` for none.
  package var command: Command?
  /// The words that are no options.
  package var operands: [String] = []

  /// What a proxy speaks.
  package enum ProxyProtocol: String {
    case socks4 = "4"
    case socks5 = "5"
    case connect
  }

  /// Takes a command line.
  ///
  /// - Parameter program: The program's name as it was called, for messages.
  /// - Throws: The end of the program: help, or the usage error of the original.
  package init(_ words: [String], of program: ProgramName) throws(ProgramMessage) {
    var scanner = OptionScanner(words, Self.syntax)
    while true {
      do {
        guard let option = try scanner.next() else { break }
        try take(option.name, option.value, of: program)
      } catch let error as OptionError {
        throw .error(["\(program.path): \(error)"] + NetcatUsage.lines, status: 1)
      } catch let end as ProgramMessage {
        throw end
      } catch {
        fatalError("nothing here throws \(error)")
      }
    }
    operands = scanner.operands
  }

  private mutating func take(
    _ name: Name, _ value: String, of program: ProgramName
  ) throws(ProgramMessage) {
    func refuse(_ text: String) -> ProgramMessage { .error(["\(program.base): \(text)"], status: 1) }
    func number(_ what: String, in bounds: ClosedRange<Int>) throws(ProgramMessage) -> Int {
      do { return try BoundedNumber.parse(value, in: bounds) } catch {
        throw refuse("\(what) \(error.rawValue): \(value)")
      }
    }
    func hops(_ what: String) throws(ProgramMessage) -> Int {
      do { return try BoundedNumber.parse(value, in: 0...255) } catch {
        throw refuse("\(what) is \(error.rawValue)")
      }
    }
    switch name {
    case .ipv4: family = .ipv4
    case .ipv6: family = .ipv6
    case .broadcast: settings.isBroadcastAllowed = true
    case .crlf: convertsLineEnds = true
    case .debug: settings.isDebugging = true
    case .noInput: ignoresInput = true
    case .passesDescriptor: passesDescriptor = true
    case .help: throw .help(NetcatUsage.help)
    case .listen: listens = true
    case .keepOpen: keepsOpen = true
    case .shutdown: halfCloses = true
    case .numeric: isNumeric = true
    case .random: isRandom = true
    case .signature: signs = true
    case .telnet: speaksTelnet = true
    case .unix: isUnix = true
    case .udp: isUDP = true
    case .verbose: isVerbose = true
    case .check: isCheck = true
    case .datagramCongestion: throw refuse("DCCP is not supported")
    case .receiveBuffer:
      settings.receiveBuffer = try number("TCP receive window", in: 1...Self.largestWindow)
    case .sendBuffer: settings.sendBuffer = try number("TCP send window", in: 1...Self.largestWindow)
    case .interval: interval = .seconds(try number("interval", in: 0...Int(UInt32.max)))
    case .timeToLive:
      settings.timeToLive = try hops("ttl")
      if settings.timeToLive == 0 { throw refuse("set IP TTL: Invalid argument") }
    case .minimumTimeToLive: settings.minimumTimeToLive = try hops("minttl")
    case .proxyUser: proxyUser = value
    case .sourcePort: sourcePort = value
    case .quit:
      let seconds = try number("quit timer", in: Int(Int32.min)...Int(Int32.max))
      quitAfter = seconds < 0 ? nil : .seconds(seconds)
    case .source: source = value
    case .typeOfService where tls.take(keyword: value): break
    case .typeOfService:
      guard let field = DifferentiatedServices(netcatKeyword: value) else {
        throw refuse("illegal tos value \(value)")
      }
      settings.differentiatedServices = field
    case .routingTable: throw refuse("no alternate routing table support available")
    case .receiveLimit: receiveLimit = try number("receive limit", in: 1...Int(Int32.max))
    case .timeout:
      let seconds = try number("timeout", in: 0...Int(Int32.max) / 1000)
      timeout = seconds == 0 ? nil : .seconds(seconds)
    case .proxyProtocol:
      guard let known = ProxyProtocol(rawValue: value.lowercased()) else {
        throw refuse("unsupported proxy protocol")
      }
      proxyProtocol = known
    case .proxy: proxy = value
    case .execute where command != nil, .shell where command != nil:
      throw refuse("only one of -c and -e is allowed")
    case .execute:
      guard let command = Command([value]) else { throw refuse("-e requires a program") }
      self.command = command
    case .shell: command = Command(shell: value)
    case .tls, .tlsCertificate, .tlsKey, .tlsAuthority, .tlsName, .tlsPin, .tlsInsecure, .tlsStaple,
      .tlsTruncation:
      if let problem = tls.take(name, value) { throw refuse(problem) }
    }
  }

  private static let largestWindow = 1 << 30
}
