// SPDX-License-Identifier: GPL-3.0-or-later

import Netcat
import Sockets
import Testing

struct NcatOptionsTests {
  private static let program = ProgramName("ncat")

  private static func options(_ words: String...) throws(ProgramMessage) -> NcatOptions {
    try NcatOptions(words, of: program)
  }

  private static func target(_ words: String...) throws -> Endpoint {
    try NcatTarget(try NcatOptions(words, of: program)).endpoint
  }

  private static func source(_ words: String...) throws -> VsockAddress? {
    try NcatTarget(try NcatOptions(words, of: program)).source
  }

  @Test(arguments: [
    ("5", 5000), ("500ms", 500), ("1.5s", 1500), ("2M", 120_000), ("1h", 3_600_000), ("1e1", 10_000),
    ("-1", -1000), (".5", 500),
  ])
  func `a time is a number, in seconds unless a unit follows`(text: String, milliseconds: Int) {
    #expect(NcatTime.parse(text) == .milliseconds(milliseconds))
  }

  @Test(arguments: [
    "", "x", "5x", "1d", "s", "ms", " 5", "5 ", "0x10", "inf", "nan", "2147483", "1h1m", "1e999",
  ])
  func `anything else is no time`(text: String) { #expect(NcatTime.parse(text) == nil) }

  @Test func `a program's words are separated by blanks, and quotes are nothing special`() {
    #expect(NcatCommand.words(of: "/bin/echo  a\tb") == ["/bin/echo", "a", "b"])
    #expect(NcatCommand.words(of: #" a\ b "c d" \\ \"x "#) == ["a b", "\"c", "d\"", "\\", "\"x"])
    #expect(NcatCommand.words(of: "") == [])
    #expect(NcatCommand.words(of: #"a\"#) == ["a"])
    #expect(NcatCommand.words(of: #"\"#) == [""])
    #expect(NcatCommand.words(of: "a\nb\r\nc\u{B}d\u{C}e") == ["a", "b", "c", "d", "e"])
    #expect(NcatCommand.words(of: #"a\b c a\  b a\\ b"#) == ["abc", "a b", "a\\", "b"])
    #expect(NcatCommand.words(of: "a \u{301}b") == ["a", "\u{301}b"])
  }

  @Test func `operands are host and port, or one of them`() throws {
    #expect(try Self.target("h") == .internet(host: "h", port: "31337"))
    #expect(try Self.target("h", "-v", "5") == .internet(host: "h", port: "5"))
    #expect(throws: NcatTarget.Problem.self) { try Self.target("5") }
    #expect(throws: NcatTarget.Problem.self) { try Self.target("0", "80") }
    #expect(try Self.target("-l") == .internet(host: nil, port: "31337"))
    #expect(try Self.target("-l", "5") == .internet(host: nil, port: "5"))
    #expect(try Self.target("-l", "h") == .internet(host: "h", port: "31337"))
    #expect(try Self.target("-l", "h", "5") == .internet(host: "h", port: "5"))
    #expect(try Self.target("-lp", "5", "h") == .internet(host: "h", port: "5"))
    #expect(try Self.target("-U", "path") == .unix("path"))
    #expect(try Self.target("-l", "--proxy-type", "http") == .internet(host: nil, port: "3128"))
    #expect(try Self.target("-l", "--proxy-type", "http", "h", "5") == .internet(host: "h", port: "5"))
    #expect(
      try Self.target("--proxy", "p", "--proxy-type", "http", "h") == .internet(host: "h", port: "31337"))
  }

  @Test func `with vsock the host is an identifier, and a port has 32 bits`() throws {
    func place(_ machine: UInt32, _ port: UInt32) -> Endpoint {
      .vsock(VsockAddress(VsockAddress.Machine(machine), port: port))
    }
    #expect(try Self.target("--vsock", "2") == place(2, 31337))
    #expect(try Self.target("--vsock", "2", "4000000000") == place(2, 4_000_000_000))
    #expect(try Self.target("--vsock", "-l") == place(.max, 31337))
    #expect(try Self.target("--vsock", "-l", "4000000000") == place(.max, 4_000_000_000))
    #expect(try Self.target("--vsock", "-l", "3", "80") == place(3, 80))
    #expect(try Self.target("--vsock", "-l", "-p", "70000") == place(.max, 70000))
    #expect(try Self.target("--vsock", "-U", "path") == .unix("path"))
    #expect(try Self.source("--vsock", "2", "5") == nil)
    #expect(
      try Self.source("--vsock", "-p", "70000", "2", "5") == VsockAddress(.any, port: 70_000))
    #expect(
      try Self.source("--vsock", "-s", "3", "2", "5")
        == VsockAddress(VsockAddress.Machine(3), port: VsockAddress.anyPort))
  }

  @Test(arguments: [
    ["abc", "1"], ["host", "1"], ["4294967296", "1"], ["2", "4294967296"], ["2", "http"], ["-s", "x", "2"],
  ])
  func `anything else is no place of vsock`(words: [String]) throws {
    let options = try NcatOptions(["--vsock"] + words, of: Self.program)
    #expect(throws: NcatTarget.Problem.self) { try NcatTarget(options) }
  }

  @Test func `all options for TLS turn it on`() throws {
    for option in ["--ssl", "--ssl-verify"] { #expect(try Self.options(option, "h").usesTLS) }
    for option in [
      "--ssl-cert", "--ssl-key", "--ssl-trustfile", "--ssl-ciphers", "--ssl-servername", "--ssl-alpn",
    ] {
      #expect(try Self.options(option, "x", "h").usesTLS)
    }
    #expect(try !Self.options("h").usesTLS)
  }

  @Test func `lists of hosts add up`() throws {
    let options = try Self.options("--allow", "a,b", "--allow", "c", "--deny", "d")
    #expect(options.allowed == ["a", "b", "c"])
    #expect(options.denied == ["d"])
  }

  @Test func `chat is a broker`() throws {
    #expect(try Self.options("-l", "--chat").isBroker)
    #expect(try !Self.options("-l", "-k").isBroker)
  }

  @Test func `a negative time of -q is for ever`() throws {
    #expect(try Self.options("-q", "-1").staysAfterInput)
    #expect(try Self.options("-q", "0").quitAfter == .zero)
    #expect(try Self.options().quitAfter == nil)
  }

  @Test func `an early end is reported behind the version, if there is -v`() throws {
    let message = try #require(throws: ProgramMessage.self) { try NcatProgram(Self.program, ["-v"]) }
    #expect(
      message.lines == [NcatUsage.versionLine, "Ncat: You must specify a host to connect to. QUITTING."])
    #expect(message.status == 2 && !message.isOutput)
  }

  @Test func `every option has a line in the help, which fits the terminal`() {
    let options = NcatOption.all.filter { $0.summary != nil }
    for option in options {
      let name = option.syntax.long.map { "--\($0)" } ?? option.syntax.letter.map { "-\($0)" } ?? ""
      #expect(NcatUsage.help.count { $0.contains("\(name) ") } >= 1, "\(name)")
    }
    #expect(NcatUsage.help.allSatisfy { $0.count <= 80 })
  }
}
