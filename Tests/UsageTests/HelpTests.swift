// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Usage

/// The layout of help texts.
struct HelpTests {
  private static let send = CommandHelp(
    "send", "Send bytes.", usage: "sockkit send [<options>] HOST PORT",
    discussion: """
      What is sent
      arrives.

      Examples:
        sockkit send a 1
        sockkit send b 2
        sockkit send c 3
      """,
    [
      .init([], value: "host", "The peer.", group: nil),
      .init(
        ["-w", "--wait"], value: "duration", "Wait this long.", details: "0: no limit.", group: "Timing"),
      .init(["--loop"], "Loop.", group: "Timing"), .init(["--no-loop"], "Loop.", group: "Timing"),
      .init(["--relay"], value: "url", "Relay.", group: "Timing"),
      .init(["--no-relay"], value: "list", "Relay less.", group: "Timing"),
      .init(["-v", "--verbose"], "Report more.", group: "Reporting"),
      .init(["--version"], "Show the version."),
    ], mostUsed: ["-v"])

  @Test func `the summary has the options used most and two examples`() {
    #expect(
      Self.send.summary(width: 80).joined(separator: "\n") == """
        Usage: sockkit send [<options>] HOST PORT

        Send bytes.

          -v, --verbose  Report more.

        Examples:
          sockkit send a 1
          sockkit send b 2

        All options: 'sockkit send --help'; manual: 'man sockkit-send'.
        """)
  }

  @Test func `the complete help has each option once, those used most first`() {
    #expect(
      Self.send.complete(width: 50).joined(separator: "\n") == """
        Usage: sockkit send [<options>] HOST PORT

        Send bytes.

        What is sent arrives.

        Examples:
          sockkit send a 1
          sockkit send b 2
          sockkit send c 3

        Arguments:
          <host>                  The peer.

        Options used most:
          -v, --verbose           Report more.

        Timing:
          -w, --wait <duration>   Wait this long. 0: no
                                  limit.
          --loop, --no-loop       Loop.
          --relay <url>           Relay.
          --no-relay <list>       Relay less.

        General:
          --version               Show the version.
        """)
  }

  @Test func `on a narrow screen the usage is continued below its first word`() {
    #expect(
      Self.send.summary(width: 30).prefix(3) == ["Usage: sockkit send", "       [<options>] HOST PORT", ""])
  }
}
