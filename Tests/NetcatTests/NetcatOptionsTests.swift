// SPDX-License-Identifier: GPL-3.0-or-later

import Netcat
import Sockets
import Testing

/// The command lines of OpenBSD's `nc` as values.
struct NetcatOptionsTests {
  private static let program = ProgramName("/usr/bin/nc")

  private static func options(_ words: String...) throws(ProgramMessage) -> NetcatOptions {
    try NetcatOptions(words, of: program)
  }

  private static func target(_ words: String...) throws(ProgramMessage) -> NetcatTarget {
    try NetcatTarget(try NetcatOptions(words, of: program), of: program)
  }

  private static func refusal(_ text: String) -> ProgramMessage { .error(["nc: \(text)"], status: 1) }

  @Test func `options become values`() throws {
    let options = try Self.options(
      "-46lkNCd", "-w3", "-q", "0", "-i2", "-W", "9", "h", "-P", "me", "-x", "p:1", "1-2")
    #expect(options.family == .ipv6 && options.listens && options.keepsOpen && options.halfCloses)
    #expect(options.convertsLineEnds && options.ignoresInput && options.receiveLimit == 9)
    #expect(options.timeout == .seconds(3) && options.quitAfter == .zero && options.interval == .seconds(2))
    #expect(options.proxy == "p:1" && options.proxyUser == "me" && options.proxyProtocol == .socks5)
    #expect(options.operands == ["h", "1-2"])
  }

  @Test func `a time of zero is no limit, and a negative delay means never`() throws {
    let options = try Self.options("-w", "0", "-q", "-1")
    #expect(options.timeout == nil && options.quitAfter == nil)
  }

  @Test func `socket options are those of our own settings`() throws {
    let settings = try Self.options("-bD", "-I", "1000", "-O", "2000", "-M", "3", "-m", "4", "-T", "0x10")
      .settings
    #expect(settings.isBroadcastAllowed && settings.isDebugging)
    #expect(settings.receiveBuffer == 1000 && settings.sendBuffer == 2000)
    #expect(settings.timeToLive == 3 && settings.minimumTimeToLive == 4)
    #expect(settings.differentiatedServices?.fieldValue == 0x10)
  }

  @Test(arguments: [
    ("lowdelay", 0x10), ("throughput", 0x08), ("reliability", 0x04), ("ef", 0xB8), ("af11", 0x28),
    ("cs1", 0x20),
    ("netcontrol", 0xE0), ("255", 0xFF), ("0xff", 0xFF),
  ])
  func `a type of service is a keyword or the whole byte`(text: String, value: Int) throws {
    #expect(try Self.options("-T", text).settings.differentiatedServices?.fieldValue == value)
  }

  @Test func `keywords of TLS are no type of service`() throws {
    for keyword in [
      "noverify", "noname", "clientcert", "alpn=h2,http/1.1", "ciphers=HIGH", "protocols=tlsv1.3",
    ] {
      let options = try Self.options("-T", keyword)
      #expect(options.tls.isOn && options.settings.differentiatedServices == nil, "\(keyword)")
    }
    #expect(throws: Self.refusal("illegal tos value protocols=sslv3")) {
      try Self.options("-T", "protocols=sslv3")
    }
    #expect(throws: Self.refusal("hash must be of the form SHA256:digest: x")) { try Self.options("-H", "x") }
  }

  @Test func `a wrong value is refused before the options that follow it`() {
    #expect(throws: Self.refusal("timeout invalid: x")) { try Self.options("-w", "x", "-y") }
    #expect(
      throws: ProgramMessage.error(["/usr/bin/nc: invalid option -- 'y'"] + NetcatUsage.lines, status: 1)
    ) {
      try Self.options("-y", "-w", "x")
    }
  }

  @Test func `ports are numbers, ranges and services, in their order`() throws {
    #expect(try Self.target("h", "25", "20-22", "9-8") == .connect(host: "h", ports: [25, 20, 21, 22, 8, 9]))
    #expect(try Self.target("h", "ssh", "http") == .connect(host: "h", ports: [22, 80]))
    #expect(throws: Self.refusal("service \"nosuch\" unknown")) { try Self.target("h", "nosuch") }
    #expect(throws: Self.refusal("port number too large: 65536")) { try Self.target("h", "1-65536") }
    guard case .connect(_, let ports) = try Self.target("-r", "h", "1-100") else { return }
    #expect(ports.sorted() == Array(1...100) && ports != ports.sorted())
  }

  @Test func `what is listened on follows the rules of Debian's build`() throws {
    #expect(try Self.target("-l", "5") == .listen(.internet(host: "0.0.0.0", port: "5")))
    #expect(try Self.target("-6l", "5") == .listen(.internet(host: "::", port: "5")))
    #expect(try Self.target("-l", "h", "5") == .listen(.internet(host: "h", port: "5")))
    #expect(try Self.target("-l", "-s", "h", "-p", "5") == .listen(.internet(host: "h", port: "5")))
    #expect(try Self.target("-lU", "@name") == .listen(.unix("@name")))
    #expect(try Self.target("-U", "path") == .unix("path"))
    #expect(throws: ProgramMessage.error(NetcatUsage.lines, status: 1)) {
      try Self.target("-l", "-p", "5", "h")
    }
  }

  @Test func `every option of the syntax is in the help, and the other way round`() {
    let letters = Set(NetcatOptions.syntax.compactMap(\.letter).map { "-\($0)" })
    let shown = Set(NetcatUsage.options.map { String($0.label.prefix { $0 != " " }) })
    let longOnly = NetcatOptions.syntax.filter { $0.letter == nil }.compactMap(\.long).map { "--\($0)" }
    #expect(shown == letters.union(longOnly))
  }
}
