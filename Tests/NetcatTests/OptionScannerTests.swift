// SPDX-License-Identifier: GPL-3.0-or-later

import Netcat
import Testing

struct OptionScannerTests {
  private enum Name: Sendable { case listen, keep, port, send, sendOnly, ssl, sslCert }

  private static let syntax: [OptionSyntax<Name>] = [
    .init(.listen, "l", "listen"), .init(.keep, "k"), .init(.port, "p", "source-port", takesValue: true),
    .init(.send, nil, "send", takesValue: true), .init(.sendOnly, nil, "send-only"), .init(.ssl, nil, "ssl"),
    .init(.sslCert, nil, "ssl-cert", takesValue: true),
  ]

  /// The options as `name=value`, and the operands behind `|`.
  private static func scan(_ words: String...) throws(OptionError) -> String {
    var scanner = OptionScanner(words, syntax)
    var result: [String] = []
    while let option = try scanner.next() { result.append("\(option.name)=\(option.value)") }
    return (result + ["|"] + scanner.operands).joined(separator: " ")
  }

  @Test func `letters come in clusters, the last one with its value attached or in the next word`() throws {
    #expect(try Self.scan("-lk", "-p5", "h") == "listen= keep= port=5 | h")
    #expect(try Self.scan("-lkp", "5", "h") == "listen= keep= port=5 | h")
    #expect(try Self.scan("-p", "-l") == "port=-l |")
  }

  @Test func `options may follow operands, and a dash alone is an operand`() throws {
    #expect(try Self.scan("h", "-l", "5", "-k", "-") == "listen= keep= | h 5 -")
  }

  @Test func `two dashes end the options`() throws {
    #expect(try Self.scan("-l", "--", "-k", "--ssl") == "listen= | -k --ssl")
  }

  @Test func `long names are abbreviated while they are unambiguous`() throws {
    #expect(try Self.scan("--li", "--source=7", "--ssl-c", "f") == "listen= port=7 sslCert=f |")
    // A whole name takes precedence over longer ones.
    #expect(try Self.scan("--ssl", "--send=x") == "ssl= send=x |")
    #expect(throws: OptionError.ambiguous("s", ["source-port", "send", "send-only", "ssl", "ssl-cert"])) {
      try Self.scan("--s")
    }
    #expect(
      "\(OptionError.ambiguous("sen", ["send", "send-only"]))"
        == "option '--sen' is ambiguous; possibilities: '--send' '--send-only'")
  }

  @Test func `an abbreviation is ambiguous only with names that it is told apart from`() {
    #expect(throws: OptionError.ambiguous("ssl-=1", ["ssl-cert", "ssl-test"])) {
      var scanner = OptionScanner(
        ["--ssl-=1"],
        [
          OptionSyntax(1, nil, "ssl-cert", takesValue: true),
          OptionSyntax(2, nil, "ssl-key", takesValue: true),
          OptionSyntax(3, nil, "ssl-test"),
        ])
      _ = try scanner.next()
    }
    #expect(throws: OptionError.self) { try Self.scan("--=1") }
  }

  /// Each of these is one `Character` to Swift, or equals an ASCII one.
  @Test func `a letter ends before a mark, and only itself is the letter`() throws {
    #expect(try Self.scan("-p\u{301}5") == "port=\u{301}5 |")
    #expect(try Self.scan("--send=\u{338}5") == "send=\u{338}5 |")
    #expect(throws: OptionError.invalidLetter("\u{301}")) { try Self.scan("-l\u{301}") }
    #expect(throws: OptionError.invalidLetter("\u{301}")) { try Self.scan("-\u{301}") }
    #expect(throws: OptionError.invalidLetter("\u{212A}")) {
      var scanner = OptionScanner(["-\u{212A}"], [OptionSyntax(1, "K")])
      _ = try scanner.next()
    }
  }

  @Test func `what is wrong is said in the words of the C library`() throws {
    #expect(throws: OptionError.invalidLetter("y")) { try Self.scan("-ly") }
    #expect(throws: OptionError.missingValue("p")) { try Self.scan("-lp") }
    #expect(throws: OptionError.unrecognized("x=1")) { try Self.scan("--x=1") }
    #expect(throws: OptionError.missingLongValue("send")) { try Self.scan("--send") }
    #expect(throws: OptionError.unexpectedValue("listen")) { try Self.scan("--li=1") }
    #expect("\(OptionError.invalidLetter("y"))" == "invalid option -- 'y'")
    #expect("\(OptionError.missingValue("p"))" == "option requires an argument -- 'p'")
    #expect("\(OptionError.unrecognized("x"))" == "unrecognized option '--x'")
    #expect("\(OptionError.missingLongValue("send"))" == "option '--send' requires an argument")
    #expect("\(OptionError.unexpectedValue("listen"))" == "option '--listen' doesn't allow an argument")
  }
}
