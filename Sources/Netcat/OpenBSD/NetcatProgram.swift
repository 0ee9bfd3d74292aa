// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Handshakes
import Sessions
import Sockets
import SystemPackage
import TLS
import Transport

/// `nc` of OpenBSD, as Debian builds it.
struct NetcatProgram: FrontEnd {
  private var options: NetcatOptions
  private let target: NetcatTarget
  private var input = FileDescriptor.standardInput
  private let program: ProgramName

  /// Takes a command line.
  ///
  /// - Throws: The end of the program: help, or a usage error.
  init(_ program: ProgramName, _ words: [String]) throws(ProgramMessage) {
    self.program = program
    options = try NetcatOptions(words, of: program)
    target = try NetcatTarget(options, of: program)
    if let problem = options.conflict {
      throw .error(["\(program.base): \(problem)"], status: 1)
    }
  }

  var isVerbose: Bool { options.isVerbose }

  var messages: any MessageStyle {
    var (host, port): (String?, UInt16?)
    if case .connect(let name, let ports) = target { (host, port) = (name, ports.first) }
    return NetcatMessages(
      program: program.base, isVerbose: isVerbose, isNumeric: options.isNumeric, isUDP: options.isUDP,
      host: host, port: port, proxy: (try? proxyURL).map { ($0.host, $0.port) })
  }

  /// The original has one status for every failure.
  func status(for status: ExitStatus) -> CInt { status == .success ? 0 : 1 }

  func run(_ observer: any SessionObserver) throws(Failure) -> SessionOutcome {
    var program = self
    // Instead of an input that is not read there is an empty one, whose end closes the sending half.
    let nothing = try judging { () throws(IOFailure) in try Descriptor.null() }
    defer { withExtendedLifetime(nothing) {} }
    if options.ignoresInput, options.halfCloses || options.quitAfter != nil { program.input = nothing.number }
    if options.signs { program.options.settings.signatureKey = try Self.askForKey() }
    return try program.relay(observer)
  }

  /// Asks on the terminal for the password by which segments are signed.
  private static func askForKey() throws(Failure) -> SignatureKey {
    let name = "TCP MD5SIG password"
    guard let password = try judging({ () throws(IOFailure) in try OpenSSL.readPassword("\(name): ") }) else {
      throw Failure(.usage, "Unable to read \(name)")
    }
    return try judging { () throws(IOFailure) in try SignatureKey(password, from: name) }
  }

  private func relay(_ observer: any SessionObserver) throws(Failure) -> SessionOutcome {
    switch target {
    case .listen(let endpoint): return try listen(on: endpoint, observer)
    case .unix(let path):
      guard !options.isCheck else {
        return try check(.unix(path), ports: [0], observer)
      }
      var stream = stream
      stream.protect(try options.tls.protection(of: path, observer))
      return try ConnectSession(try dialing(to: .unix(path), observer), stream, observer).run()
    case .connect(let host, let ports):
      guard !options.isCheck else {
        return try check(.internet(host: host, port: "\(ports[0])"), ports: ports, observer)
      }
      return try connect(to: host, ports, observer)
    }
  }

  // MARK: Connecting

  /// Connects to one port after another; a connection that fails is reported, and the next port follows.
  private func connect(
    to host: String, _ ports: [UInt16], _ observer: any SessionObserver
  ) throws(Failure) -> SessionOutcome {
    var stream = stream
    stream.policy.leavesOutputOpen = ports.count > 1
    stream.isProxied = options.proxy != nil
    stream.protect(try options.tls.protection(of: host, observer))
    var status = ExitStatus.unavailable
    for (index, port) in ports.enumerated() {
      if index > 0, let interval = options.interval { Deadline.after(interval).sleep() }
      do throws(Failure) {
        var dialing = try dialing(to: .internet(host: host, port: "\(port)"), observer)
        dialing.furtherPorts = Array(ports.dropFirst(index + 1))
        let outcome = try ConnectSession(dialing, stream, observer).run()
        guard case .exited(.success) = outcome else { return outcome }
        status = .success
      } catch {
        guard ports.count > 1, case .connection? = error.cause else { throw error }
        observer.report(.failed(error))
      }
    }
    return .exited(status)
  }

  private func check(
    _ endpoint: Endpoint, ports: [UInt16], _ observer: any SessionObserver
  ) throws(Failure) -> SessionOutcome {
    var dialing = try dialing(to: endpoint, observer)
    dialing.settings = settings
    var protection: Protection?
    if case .internet(let host?, _) = endpoint { protection = try options.tls.protection(of: host, observer) }
    var check = CheckSession(of: [.init(dialing, ports: ports, protection)], within: nil, observer) { _ in }
    check.requirement = .any
    check.interval = options.interval
    return try check.run()
  }

  private func dialing(to endpoint: Endpoint, _ observer: any SessionObserver) throws(Failure) -> DialSettings
  {
    var dialing = DialSettings(to: endpoint)
    dialing.resolver = resolver(options.family)
    dialing.settings = settings
    dialing.attemptLimit = options.timeout
    if options.isUnix { dialing.sourcePath = options.source } else { dialing.source.host = options.source }
    dialing.source.port = options.sourcePort
    dialing.proxies = try proxies
    return dialing
  }

  private func resolver(_ family: AddressFamily?) -> Resolver {
    Resolver(family: family, isNumericOnly: options.isNumeric)
  }

  /// The proxy of `-x`, to which names are passed on.
  private var proxies: ProxyChain? {
    get throws(Failure) {
      guard let url = try proxyURL else { return nil }
      guard let user = options.proxyUser else { return ProxyChain([.init(url) { nil }]) }
      // SOCKS 4 has no passwords.
      guard options.proxyProtocol != .socks4 else {
        return ProxyChain([.init(url) { .user(UserCredentials(user: user, password: "")) }])
      }
      return ProxyChain([.init(url, asking: Self.question(for: user, at: url.host))])
    }
  }

  private var proxyURL: ProxyURL? {
    get throws(Failure) {
      guard let proxy = options.proxy else { return nil }
      let scheme: ProxyURL.Scheme =
        switch options.proxyProtocol {
        case .socks4: .socks4
        case .socks5: .socks5h
        case .connect: .http
        }
      do throws(ProxyURL.SyntaxError) {
        let port = options.proxyProtocol == .connect ? 3128 : 1080
        let host = IPAddress(proxy)?.family == .ipv6 ? "[\(proxy)]" : proxy
        let text = "\(scheme.rawValue)://\(host)"
        return try ProxyURL(host.hasSuffix("]") || !host.contains(":") ? "\(text):\(port)" : text)
      } catch {
        throw Failure(.usage, "'\(proxy)' is not the address of a proxy: expected HOST or HOST:PORT")
      }
    }
  }

  /// The question on the terminal for the password of the user of `-P`.
  private static func question(for user: String, at host: String) -> CredentialQuestion {
    CredentialQuestion { () throws(IOFailure) in
      guard let password = try OpenSSL.readPassword("Proxy password for \(user)@\(host): ") else {
        throw IOFailure(.read(NetcatMessages.passphrase), .noSuchAddressOrDevice)
      }
      return .user(UserCredentials(user: user, password: String(decoding: password, as: UTF8.self)))
    }
  }

  // MARK: Listening

  private func listen(on endpoint: Endpoint, _ observer: any SessionObserver) throws(Failure)
    -> SessionOutcome
  {
    var stream = stream
    if options.command == nil { stream.policy.stopsInputOnPeerEnd = true }
    stream.policy.leavesOutputOpen = options.keepsOpen && options.command == nil
    stream.protect(try options.tls.protectionOfClients(observer))
    var invocation = ListenInvocation(on: endpoint, stream)
    invocation.listening.resolver = resolver(family(of: endpoint))
    invocation.isSerial = options.keepsOpen && stream.command == nil
    invocation.isForMany = options.keepsOpen
    // A signal ends the program, and with it what it has started.
    if options.keepsOpen { invocation.stream.grace = .zero }
    guard options.isUDP, options.keepsOpen else { return try ListenSession(invocation, observer).run() }
    // Datagrams of all peers are written, and none is answered.
    var receiving = DatagramReceiveInvocation(on: endpoint)
    receiving.listening = invocation.listening
    receiving.format = RawDatagramFormat()
    receiving.count = options.receiveLimit
    return try DatagramReceiveSession(receiving, observer).run()
  }

  /// The family of the addresses of a host to listen on: by default the original listens on those of IPv4 only. `::`
  /// takes clients of both.
  private func family(of endpoint: Endpoint) -> AddressFamily? {
    guard case .internet(let host?, _) = endpoint, let address = IPAddress(host) else {
      return options.family ?? .ipv4
    }
    return options.family == .ipv6 && address.isAny ? nil : options.family
  }

  // MARK: The connection

  private var settings: SocketSettings {
    var settings = options.settings
    settings.kind = options.isUDP ? .datagram : .stream
    return settings
  }

  private var stream: StreamInvocation {
    var stream = StreamInvocation()
    stream.settings = settings
    stream.input = input
    stream.passesDescriptor = options.passesDescriptor
    stream.namesPeers = options.isVerbose && !options.isNumeric
    if options.isUDP { stream.layers.makeTransport = { socket, _ in DatagramStream(socket) } }
    guard options.command == nil else {
      // A command ends the connection by its own end, as with `nc.traditional`.
      stream.command = options.command
      return stream
    }
    stream.limits.idle = options.timeout
    stream.policy.endsInOrderWhenIdle = true
    stream.policy.endsWithReader = true
    let hasInput = !options.ignoresInput || input != .standardInput
    stream.policy.directions = hasInput ? .both : .receiveOnly
    stream.policy.halfCloses = options.halfCloses || options.quitAfter != nil
    stream.policy.quitAfter = options.quitAfter
    stream.policy.inputWait = .seconds(1)
    stream.policy.receiveLimit = options.receiveLimit.map { .packets($0) }
    stream.filters.convertsLineEnds = options.convertsLineEnds
    stream.filters.speaksTelnet = options.speaksTelnet
    stream.filters.delay = options.interval
    stream.filters.receivedDelay = options.interval
    stream.interaction.guardsTerminal = DescriptorKind(of: .standardOutput) == .terminal
    return stream
  }
}
