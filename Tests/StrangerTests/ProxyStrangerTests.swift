// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Connections through widespread proxies.
@Suite(.takingTurns)
struct ProxyStrangerTests {
  private static let payload = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }

  /// A proxy that serves, and the options with which a client connects through it.
  private struct Serving {
    let place = Place()
    private let programs: [RunningProgram]
    private let scheme: String

    /// Starts a proxy, and waits until it serves.
    init(_ stranger: ProxyStranger) async throws {
      var arguments = [place.host, "\(place.port)"]
      var behind: [RunningProgram] = []
      if stranger.isInFront {
        let proxy = RunningProgram.sockkit([
          "proxy", "-v", "--accept-proxy-protocol", "--deny-target", ProxyStranger.forbiddenHost,
          "127.0.0.1:0",
        ])
        arguments.append("127.0.0.1:\(try await proxy.announcedPort())")
        behind.append(proxy)
      }
      programs = [stranger.program.start(arguments)] + behind
      scheme = stranger.scheme
      let isUp = try await sockkit("connect", "-z", "--retry", "30s", place.host, "\(place.port)")
      #expect(isUp.ending == .exit(0), "\(isUp)")
    }

    /// Connects directly, or through a relay at a port of the loopback.
    func options(through relay: UInt16? = nil) -> [String] {
      ["connect", "-4"] + route(through: relay)
    }

    /// The proxy, directly or behind a relay.
    func route(through relay: UInt16? = nil) -> [String] {
      let proxy = relay.map { "127.0.0.1:\($0)" } ?? "\(place.host):\(place.port)"
      return ["--proxy", "\(scheme)://\(proxy)"]
    }

    /// Ends the proxy, and returns what it wrote.
    func stop() async throws -> [Finished] {
      var ends: [Finished] = []
      for program in programs { ends.append(try await program.stop()) }
      return ends
    }
  }

  /// Runs a client that ends its side only once the answer is there, if the proxy would drop it otherwise.
  private static func exchange(
    _ bytes: [UInt8], _ answerSize: Int, through stranger: ProxyStranger, _ arguments: [String]
  ) async throws -> Finished {
    let waits = stranger.passesHalfCloses ? [] : ["--no-shutdown", "-q", "0"]
    let client = RunningProgram.sockkit([arguments[0]] + waits + arguments.dropFirst())
    client.send(bytes)
    if !stranger.passesHalfCloses { try await client.output(ofAtLeast: answerSize) }
    return try await client.finish()
  }

  @Test(arguments: ProxyStranger.open)
  func `a payload goes through a proxy and back, and a refusal is told`(stranger: ProxyStranger) async throws
  {
    let echo = RunningProgram.sockkit(["echo-server", "-v", "127.0.0.1:0"])
    let target = ["localhost", "\(try await echo.announcedPort())"]
    let proxy = try await Serving(stranger)
    let end = try await Self.exchange(
      Self.payload, Self.payload.count, through: stranger, proxy.options() + target)
    let isOpen = try await sockkit(proxy.options() + ["-z"] + target)
    let closed = SilentPort()
    let unreachable = try await sockkit(proxy.options() + ["localhost", "\(closed.number)"])
    var forbidden: Finished?
    if stranger.forbidden != nil {
      forbidden = try await sockkit(proxy.options() + [ProxyStranger.forbiddenHost, target[1]])
    }
    let log = try await proxy.stop()
    #expect(end.ending == .exit(0) && end.output == Self.payload, "\(end.errors)\(log)")
    #expect(isOpen.ending == .exit(0), "\(isOpen)\(log)")
    #expect(unreachable.ending == .exit(69), "\(unreachable)\(log)")
    #expect(
      forbidden?.ending == stranger.forbidden.map { .exit($0) }, "\(String(describing: forbidden))\(log)")
    _ = try await echo.stop()
  }

  @Test func `datagrams go through dante, to a name and to an address`() async throws {
    let echo = RunningProgram.sockkit(["echo-server", "-v", "--udp", "127.0.0.1:0"])
    let target = "\(try await echo.announcedPort())"
    let proxy = try await Serving(ProxyStranger.relaying)
    var ends: [Finished] = []
    for host in ["localhost", "127.0.0.1"] {
      ends.append(
        try await sockkit(["udp-send"] + proxy.route() + ["--expect", "2", host, target, "one", "two"]))
    }
    let log = try await proxy.stop()
    for end in ends {
      #expect(
        end == Finished(.exit(0), output: "[127.0.0.1] one\n[127.0.0.1] two\n"), "\(end)\(log)")
    }
    _ = try await echo.stop()
  }

  @Test func `microsocks relays no datagrams, and says so`() async throws {
    let proxy = try await Serving(ProxyStranger.notRelaying)
    let end = try await sockkit(["udp-send"] + proxy.route() + ["127.0.0.1", "9", "one"])
    let log = try await proxy.stop()
    #expect(end.ending == .exit(76) && end.errors.contains("(SOCKS reply 7)"), "\(end)\(log)")
  }

  @Test(arguments: ProxyStranger.open)
  func `a conversation takes place, however its bytes arrive`(stranger: ProxyStranger) async throws {
    let target = try ProxyConversation.target()
    let port = "\(try await target.printedPort())"
    let proxy = try await Serving(stranger)
    let immediate = ProxyConversation.greeting + ProxyConversation.question
    var ends: [Finished] = []
    let bytewise = stranger.takesPieces ? ProxyConversation.Delivery.bytewise : .bytewiseReply
    for delivery in [bytewise, .gathered] {
      let relay = try delivery.relay(to: proxy.place.port, at: proxy.place.host)
      ends.append(
        try await Self.exchange(
          Array(ProxyConversation.question.utf8), immediate.utf8.count, through: stranger,
          proxy.options(through: try await relay.printedPort()) + ["127.0.0.1", port]))
      _ = try await relay.stop()
    }
    let log = try await proxy.stop()
    for end in ends {
      #expect(end.ending == .exit(0), "\(end)\(log)")
      #expect(
        end.text == immediate + (stranger.passesHalfCloses ? ProxyConversation.farewell : ""), "\(end)\(log)")
    }
    _ = try await target.stop()
  }

  @Test(arguments: ProxyStranger.open)
  func `an answer to the end arrives, or its loss is pointed out`(stranger: ProxyStranger) async throws {
    let target = try ProxyConversation.target(greeting: "", repeats: false)
    let proxy = try await Serving(stranger)
    let end = try await sockkit(
      proxy.options() + ["127.0.0.1", "\(try await target.printedPort())"],
      input: .bytes(Array(ProxyConversation.question.utf8)))
    let log = try await proxy.stop()
    #expect(end.ending == .exit(0), "\(end)\(log)")
    #expect(end.text == (stranger.passesHalfCloses ? ProxyConversation.farewell : ""), "\(end)\(log)")
    #expect(end.errors.contains("--no-shutdown") != stranger.passesHalfCloses, "\(end)\(log)")
    _ = try await target.stop()
  }

  @Test(arguments: ProxyStranger.open)
  func `a time limit includes the proxy and the target`(stranger: ProxyStranger) async throws {
    let target = try ProxyConversation.silentTarget()
    let proxy = try await Serving(stranger)
    let end = try await sockkit(
      proxy.options() + ["-w", "1s", "127.0.0.1", "\(try await target.printedPort())"])
    let log = try await proxy.stop()
    #expect(end.ending == .exit(75) && end.errors.hasSuffix(": Connection timed out\n"), "\(end)\(log)")
    _ = try await target.stop()
  }

  @Test(arguments: ProxyStranger.protected)
  func `a proxy that asks for a password gets it`(stranger: ProxyStranger) async throws {
    let server = RunningProgram.sockkit(["http-server", "-v", "--text", "hello", "127.0.0.1:0"])
    let target = "\(try await server.announcedPort())"
    let place = Place()
    let proxy = stranger.program.start([place.host, "\(place.port)"])
    func connect(_ user: String) async throws -> Finished {
      try await sockkit(
        "connect", "-4", "--retry", "30s", "--no-shutdown", "--proxy",
        "\(stranger.scheme)://\(user)\(place.host):\(place.port)", "localhost", target,
        input: .bytes(Array("GET / HTTP/1.0\r\n\r\n".utf8)))
    }
    let good = try await connect("me:secret@")
    let (wrong, none) = (try await connect("me:wrong@"), try await connect(""))
    let log = try await proxy.stop()
    #expect(good.ending == .exit(0) && good.text.hasSuffix("hello"), "\(good)\(log)")
    #expect(wrong.ending == .exit(77) && none.ending == .exit(77), "\(wrong)\(none)\(log)")
    _ = try await server.stop()
  }

  /// Tor without a network. The arguments are the address, and the ports for clients and for control.
  private static let tor = Stranger(
    name: "Tor",
    script: """
      mkdir -m 700 /run/tor
      cat > /run/configuration <<END
      DataDirectory /run/tor
      SocksPort $1:$2
      ControlPort $1:$3
      SocksTimeout 2
      DirAuthority none orport=9 no-v2 v3ident=0000000000000000000000000000000000000001 127.0.0.1:9 \
        0000000000000000000000000000000000000001
      END
      exec tor -f /run/configuration
      """)

  @Test func `Tor tells isolated connections apart, and refuses what it cannot do`() async throws {
    let place = Place()
    let control = "\(place.port + 1)"
    let tor = Self.tor.start([place.host, "\(place.port)", control])
    let controller = RunningProgram.sockkit(["connect", "--retry", "30s", place.host, control])
    controller.send(Array("AUTHENTICATE\r\nSETEVENTS STREAM\r\nGETINFO version\r\n".utf8))
    try await controller.outputLine(containing: "250-version=")
    func connect(_ options: String...) async throws -> Finished {
      try await sockkit(["connect", "--proxy", "socks5://\(place.host):\(place.port)"] + options)
    }
    let isolated = try await connect("--proxy-isolate", "apart", "target.example", "80")
    try await controller.outputLine(
      containing: #"SOCKS_USERNAME="<torS0X>0" SOCKS_PASSWORD="apart""#)
    let forbidden = try await connect("127.0.0.1", "80")
    let late = try await connect("-w", "0.5s", "target.example", "80")
    _ = try await controller.stop()
    let log = try await tor.stop()
    // It answers that it has failed, or that time is over.
    #expect(isolated.ending == .exit(69) && isolated.errors.contains("(SOCKS reply "), "\(isolated)\(log)")
    #expect(
      forbidden.ending == .exit(69) && forbidden.errors.contains("(SOCKS reply 1)"), "\(forbidden)\(log)")
    #expect(late.ending == .exit(75) && late.errors.hasSuffix(": Connection timed out\n"), "\(late)\(log)")
  }
}
