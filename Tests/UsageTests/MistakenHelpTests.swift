// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Usage

struct MistakenHelpTests {
  private static let names = ["connect", "listen", "http-server"]

  private static func message(_ line: String, isAnswered: Bool = true) -> String? {
    MistakenHelp.message(
      for: MistakenHelp.arrange(line.split(separator: " ").map(String.init)), isAnswered: isAnswered,
      subcommands: names
    ) {
      names.map { KnownCommand($0, options: ["-h", "--help"]) }
    }
  }

  @Test(arguments: [
    ("lsten --help", "no subcommand 'lsten' (did you mean 'listen'?)"),
    ("lsten --version", "no subcommand 'lsten' (did you mean 'listen'?)"),
    ("help lsten", "no subcommand 'lsten' (did you mean 'listen'?)"),
    ("lsten help", "no subcommand 'lsten' (did you mean 'listen'?)"),
    ("-h lsten", "no subcommand 'lsten' (did you mean 'listen'?)"),
    ("help connect listen", "one word too many: 'listen' (help is about one subcommand)"),
    (
      "http-server 8080 -h public",
      "-h asks for help (the directory is an argument after the port: 'sockkit http-server 8080 DIR')"
    ),
  ])
  func `help about nothing is refused`(line: String, message: String) {
    #expect(Self.message(line) == message)
  }

  @Test(arguments: [
    "help", "help help", "help connect", "help connect -h", "-h", "-h connect", "--help listen", "connect -h",
    "--version",
    "http-server -h 8080", "http-server -h a:80", "connect -h public",
  ])
  func `help about something is shown`(line: String) {
    #expect(Self.message(line) == nil)
  }

  @Test func `what is wrong without a question for help is none of its concern`() {
    #expect(Self.message("lsten 5000", isAnswered: false) == nil)
  }

  @Test func `help before or after a subcommand is about it`() {
    #expect(MistakenHelp.arrange(["-h", "connect"]) == ["connect", "-h"])
    #expect(MistakenHelp.arrange(["--help", "connect", "a"]) == ["connect", "--help", "a"])
    #expect(MistakenHelp.arrange(["--help"]) == ["--help"])
    #expect(MistakenHelp.arrange(["connect", "help"]) == ["connect", "--help"])
    for words in [["resolve", "help"], ["help", "help"], ["-h"], ["connect", "help", "80"]] {
      #expect(MistakenHelp.arrange(words) == words)
    }
    #expect(MistakenHelp.arrange(["-h", "-v"]) == ["-h", "-v"])
    #expect(MistakenHelp.arrange(["connect", "-h", "a"]) == ["connect", "-h", "a"])
  }
}
