// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import TestSupport
import Testing

/// The options of sockets that are requested, and what the kernel reports.
struct SocketSettingsTests {
  private static var loopback: Address { Address.internet(.loopbackIPv4, port: 0) }
  private static var loopback6: Address { Address.internet(.loopbackIPv6, port: 0) }

  /// A connection whose two ends have the same settings.
  private final class Connection {
    let client: StreamSocket
    let server: StreamSocket

    init(over address: Address = loopback, _ settings: SocketSettings) throws {
      let listener = try Listener.open(on: address, settings: settings)
      var connector = Connector()
      connector.settings = settings
      client = try connector.connect(to: [listener.local], until: .after(.seconds(30)))
      server = try listener.acceptWaiting()
    }
  }

  /// The value that both ends report under a name; a text that says so if they differ.
  private static func value(
    _ name: String, _ settings: SocketSettings, over address: Address = loopback
  ) throws -> EffectiveOption.Value? {
    let connection = try Connection(over: address, settings)
    let values = [connection.client.descriptor, connection.server.descriptor].map { socket in
      settings.effective(on: socket).first { $0.name == name }?.value
    }
    return values[0] == values[1] ? values[0] : .text("\(values)")
  }

  @Test func `a whole byte for the type of service is reported without the bits of ECN`() throws {
    var settings = SocketSettings()
    settings.differentiatedServices = DifferentiatedServices(wholeByte: "0x13")
    for address in [Self.loopback, Self.loopback6] {
      #expect(try Self.value("tos", settings, over: address) == .number(0x10))
      #expect(try Self.value("dscp", settings, over: address) == nil)
    }
  }

  @Test func `a least time to live is that of IPv4 or IPv6`() throws {
    var settings = SocketSettings()
    settings.minimumTimeToLive = 5
    #expect(try Self.value("min-ttl", settings) == .number(5))
    #expect(try Self.value("min-ttl", settings, over: Self.loopback6) == .number(5))
    let connection = try Connection(over: Self.loopback6, settings)
    #expect(try SocketOption.minimumTimeToLive.value(on: connection.server.descriptor) == 5)
    #expect(try SocketOption.minimumHopLimit.value(on: connection.server.descriptor) == 5)
  }

  @Test func `packets below the least time to live do not connect`() throws {
    var settings = SocketSettings()
    settings.minimumTimeToLive = 200
    let listener = try Listener.open(on: Self.loopback, settings: settings)
    var connector = Connector()
    connector.settings.timeToLive = 199
    #expect(throws: ConnectionError.self) {
      _ = try connector.connect(to: [listener.local], until: .after(.milliseconds(100)))
    }
    connector.settings.timeToLive = 200
    _ = try connector.connect(to: [listener.local], until: .after(.seconds(30)))
  }

  @Test func `a segment is no larger than requested`() throws {
    var settings = SocketSettings()
    settings.maximumSegment = 1000
    guard case .number(let size)? = try Self.value("mss", settings) else {
      Issue.record("no number is reported")
      return
    }
    // The options of TCP take some bytes of a segment.
    #expect((900...1000).contains(size))
  }

  @Test func `both ends are corked`() throws {
    var settings = SocketSettings()
    settings.isCorked = true
    #expect(try Self.value("cork", settings) == .flag(true))
  }

  @Test func `a corked end holds a part of a segment back, until its half-close`() throws {
    var settings = SocketSettings()
    settings.isCorked = true
    settings.maximumSegment = 500
    let connection = try Connection(settings)
    let (client, server) = (connection.client.descriptor, connection.server.descriptor)
    let size = try SocketOption.maximumSegment.value(on: client)
    let bytes = [UInt8](repeating: 7, count: size + 1)
    #expect(try Transfer.send(to: client, from: bytes.span) == .moved(size + 1))
    let sent = Deadline.now
    #expect(try !server.wait(for: .readable, until: .after(.seconds(30))).isEmpty)
    // The rest leaves by itself only after 200 ms, by which a loaded machine may have delayed this test.
    let unread = try connection.server.unreadBytes()
    if sent.duration(until: .now) < .milliseconds(150) { #expect(unread == size) }
    try connection.client.shutdownSending()
    var storage = [UInt8](repeating: 0, count: 2 * size)
    var received = 0
    while try !server.wait(for: .readable, until: .after(.seconds(30))).isEmpty {
      var buffer = storage.mutableSpan
      guard case .moved(let count) = try Transfer.receive(from: server, into: &buffer) else { break }
      received += count
    }
    #expect(received == size + 1)
  }

  @Test func `quick acknowledgements are on at both ends, and again after the kernel has turned them off`()
    throws
  {
    var settings = SocketSettings()
    settings.isQuickAcknowledging = true
    #expect(try Self.value("quick-ack", settings) == .flag(true))
    let connection = try Connection(settings)
    for descriptor in [connection.client.descriptor, connection.server.descriptor] {
      try SocketOption.quickAcknowledgement.set(0, on: descriptor)
    }
    connection.client.acknowledgeAtOnce()
    connection.server.acknowledgeAtOnce()
    for descriptor in [connection.client.descriptor, connection.server.descriptor] {
      #expect(try SocketOption.quickAcknowledgement.value(on: descriptor) == 1)
    }
  }

  @Test func `without the request acknowledgements are left to the kernel`() throws {
    let connection = try Connection(SocketSettings())
    try SocketOption.quickAcknowledgement.set(0, on: connection.client.descriptor)
    connection.client.acknowledgeAtOnce()
    #expect(try SocketOption.quickAcknowledgement.value(on: connection.client.descriptor) == 0)
  }

  @Test(arguments: [7, UInt32.max])
  func `a mark requires a capability`(mark: UInt32) throws {
    var settings = SocketSettings()
    settings.mark = mark
    guard Capability.administerNetwork.isEffective else {
      #expect(
        throws: IOFailure(.set("--mark to \(mark) (it requires CAP_NET_ADMIN)"), .notPermitted)
      ) { _ = try Listener.open(on: Self.loopback, settings: settings) }
      return
    }
    #expect(try Self.value("mark", settings) == .number(Int(mark)))
  }

  @Test func `debugging requires a capability`() throws {
    var settings = SocketSettings()
    settings.isDebugging = true
    guard Capability.administerNetwork.isEffective else {
      #expect(throws: IOFailure(.set("--debug-socket (it requires CAP_NET_ADMIN)"), .permissionDenied)) {
        _ = try Listener.open(on: Self.loopback, settings: settings)
      }
      return
    }
    #expect(try Self.value("debug-socket", settings) == .flag(true))
  }

  @Test func `broadcasts are allowed if that was requested`() throws {
    var settings = SocketSettings()
    settings.isBroadcastAllowed = true
    #expect(try Self.value("broadcast", settings) == .flag(true))
    let connection = try Connection(SocketSettings())
    #expect(try SocketOption.broadcast.value(on: connection.client.descriptor) == 0)
  }

  // MARK: Listening

  @Test func `with deferred acceptance a client that sends is accepted before one that is silent`() throws {
    var settings = SocketSettings()
    settings.deferredAcceptance = .seconds(30)
    let listener = try Listener.open(on: Self.loopback, settings: settings)
    let silent = try Connector().connect(to: [listener.local], until: .after(.seconds(30)))
    let talking = try Connector().connect(to: [listener.local], until: .after(.seconds(30)))
    #expect(try listener.hasNobodyWaiting())
    #expect(try Transfer.send(to: talking.descriptor, from: [1].span) == .moved(1))
    #expect(try !listener.descriptor.wait(for: .readable, until: .after(.seconds(30))).isEmpty)
    #expect(try listener.acceptWaiting().remote == talking.local)
    withExtendedLifetime(silent.descriptor) {}
    let reported = settings.effectiveForListening(on: listener.descriptor)
    // The kernel rounds to the times at which it would repeat its part of the handshake.
    guard reported.count == 1, reported[0].name == "defer-accept",
      case .number(let seconds) = reported[0].value
    else {
      Issue.record("\(reported)")
      return
    }
    #expect((30...64).contains(seconds))
  }

  // MARK: Signatures

  /// Whether this kernel has TCP MD5 signatures.
  private static func hasSignatures() throws -> Bool {
    do throws(IOFailure) {
      var settings = SocketSettings()
      settings.signatureKey = try key("x")
      _ = try Listener.open(on: loopback, settings: settings)
      return true
    } catch {
      guard case .missing = error.reason else { throw error }
      return false
    }
  }

  private static func key(_ content: String) throws(IOFailure) -> SignatureKey {
    let directory: TemporaryDirectory
    let path: String
    do {
      directory = try TemporaryDirectory()
      path = try directory.write(content, to: "key")
    } catch {
      fatalError("\(error)")
    }
    defer { withExtendedLifetime(directory) {} }
    return try SignatureKey(fromFile: path)
  }

  @Test func `sides with the same key connect, over IPv4 and IPv6`() throws {
    var settings = SocketSettings()
    settings.signatureKey = try Self.key("secret\n")
    guard try Self.hasSignatures() else { return }
    for address in [Self.loopback, Self.loopback6] {
      let connection = try Connection(over: address, settings)
      #expect(try Transfer.send(to: connection.client.descriptor, from: [1].span) == .moved(1))
      #expect(
        try !connection.server.descriptor.wait(for: .readable, until: .after(.seconds(30))).isEmpty)
    }
  }

  @Test func `a listener of both families signs for IPv4 too`() throws {
    guard try Self.hasSignatures() else { return }
    var settings = SocketSettings()
    settings.signatureKey = try Self.key("secret")
    let listener = try Listener.open(
      on: .internet(.anyIPv6, port: 0), isDualStack: true, settings: settings)
    let port = try #require(listener.local.port)
    var connector = Connector()
    connector.settings = settings
    for address in [IPAddress.loopbackIPv4, .loopbackIPv6] {
      _ = try connector.connect(to: [.internet(address, port: port)], until: .after(.seconds(30)))
    }
    connector.settings.signatureKey = try Self.key("other")
    #expect(throws: ConnectionError.self) {
      _ = try connector.connect(
        to: [.internet(.loopbackIPv4, port: port)], until: .after(.milliseconds(100)))
    }
  }

  @Test func `a kernel without signatures is named`() throws {
    var settings = SocketSettings()
    settings.signatureKey = try Self.key("secret")
    try FailingCalls("setsockopt(", .protocolNotAvailable, times: .max).during {
      #expect(
        throws: IOFailure(
          .set("--md5-key"), .missing("this kernel has no TCP MD5 signatures (CONFIG_TCP_MD5SIG)"))
      ) { try Self.setKeyOnly(settings) }
    }
  }

  /// Sets the key on a socket that needs no other option before it.
  private static func setKeyOnly(_ settings: SocketSettings) throws {
    var connector = Connector()
    connector.settings = settings
    do {
      _ = try connector.connect(to: [.internet(.loopbackIPv4, port: 9)], until: .after(.seconds(30)))
    } catch ConnectionError.failed(let failure) {
      throw failure
    }
  }

  @Test(arguments: ["", "\n", String(repeating: "x", count: 81)])
  func `a key has 1 to 80 bytes`(content: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(content, to: "key")
    let count = content == "\n" ? 0 : content.utf8.count
    #expect(
      throws: IOFailure(
        .read(path),
        .malformed("a key of a TCP MD5 signature has 1 to 80 bytes, and this one has \(count)"))
    ) { _ = try SignatureKey(fromFile: path) }
  }

  @Test func `a newline at the end is no part of a key, and one within it is`() throws {
    #expect(try Self.key("a\nb\n") == Self.key("a\nb"))
    #expect(try Self.key("a\r\n") == Self.key("a"))
    #expect(try Self.key("a\nb") != Self.key("ab"))
    #expect(try Self.key(String(repeating: "x", count: 80) + "\n") != Self.key("x"))
  }

  // MARK: Any option

  @Test(arguments: [
    ("tcp:nodelay:1", "sockopt tcp:nodelay", EffectiveOption.Value.number(1)),
    ("6:1:0x1", "sockopt 6:1", .number(1)),
    ("SOL_TCP:TCP_SYNCNT:2", "sockopt SOL_TCP:TCP_SYNCNT", .number(2)),
    ("IPPROTO_TCP:maxseg:500", "sockopt IPPROTO_TCP:maxseg", .number(500)),
    ("SOL_SOCKET:SO_PRIORITY:5", "sockopt SOL_SOCKET:SO_PRIORITY", .number(5)),
    ("socket:12:5", "sockopt socket:12", .number(5)),
    ("tcp:congestion:string:reno", "sockopt tcp:congestion", .text("reno")),
    ("tcp:syncnt:hex:03000000", "sockopt tcp:syncnt", .text("hex:03000000")),
  ])
  func `any option is set and read back at both ends`(
    _ text: String, _ name: String, _ value: EffectiveOption.Value
  ) throws {
    var settings = SocketSettings()
    settings.requested = [try RequestedOption(text)]
    guard case .number(500) = value else {
      #expect(try Self.value(name, settings) == value)
      return
    }
    // The options of TCP take some bytes of a segment.
    guard case .number(400...500)? = try Self.value(name, settings) else {
      Issue.record("the segment has another size")
      return
    }
  }

  @Test func `an option that the kernel refuses is named as it was typed`() throws {
    var settings = SocketSettings()
    settings.requested = [try RequestedOption("tcp:syncnt:1000")]
    #expect(throws: IOFailure(.set("--sockopt tcp:syncnt:1000"), .invalidArgument)) {
      _ = try Listener.open(on: Self.loopback, settings: settings)
    }
  }

  @Test func `a Unix socket has only the options of sockets`() throws {
    var settings = SocketSettings()
    settings.requested = [try RequestedOption("socket:priority:3"), try RequestedOption("tcp:nodelay:1")]
    let listener = try Listener.open(
      on: .abstract(name: "sockkit-test-options-\(ContinuousClock.now)"), settings: settings)
    #expect(
      settings.effective(on: listener.descriptor)
        == [EffectiveOption("sockopt socket:priority", .number(3))])
  }

  @Test(arguments: [
    ("", "LEVEL:NAME:VALUE"), ("tcp:nodelay", "LEVEL:NAME:VALUE"),
    ("foo:1:1", "a number or one of socket, ip, ipv6, tcp as the level"),
    ("-1:1:1", "a number or one of socket, ip, ipv6, tcp as the level"),
    ("tcp:foo:1", "a number or one of congestion, cork, "),
    ("6:foo:1", "a number or one of congestion, cork, "),
    ("tcp:SO_MARK:1", "a number or one of congestion, cork, "),
    ("99:foo:1", "a number as the option of 99"),
    ("tcp:nodelay:", "a whole number from -2147483648 to 4294967295, string:TEXT or hex:BYTES as the value"),
    ("tcp:nodelay:x", "a whole number"), ("tcp:nodelay:4294967296", "a whole number"),
    ("tcp:nodelay:+1", "a whole number"), ("tcp:nodelay:hex:", "a whole number"),
    ("tcp:nodelay:hex:0", "a whole number"), ("tcp:nodelay:hex:0g", "a whole number"),
  ])
  func `what is no option is refused with what is accepted`(_ text: String, _ expected: String) {
    do throws(RequestedOption.SyntaxError) {
      let option = try RequestedOption(text)
      Issue.record("it is \(option)")
    } catch {
      #expect(error.expected.hasPrefix(expected))
    }
  }

  @Test(arguments: [
    ("0", 0), ("17", 17), ("-5", -5), ("0x1F", 31), ("0X1f", 31), ("-0x10", -16),
  ])
  func `a whole number is decimal or hexadecimal`(_ text: String, _ number: Int) {
    #expect(WholeNumber.parse(text) == number)
  }

  @Test(arguments: ["", "-", "+1", "--1", "0x", "0x-1", "1f", "1.0", " 1", "99999999999999999999"])
  func `anything else is no whole number`(_ text: String) {
    #expect(WholeNumber.parse(text) == nil)
  }
}
