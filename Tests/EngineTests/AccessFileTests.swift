// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct AccessFileTests {
  private static func networks(_ text: String) throws(Failure) -> [Network] {
    try AccessFile("/etc/list").networks(in: Array(text.utf8))
  }

  @Test(arguments: [
    ("", []), ("\n\n", []), ("# nobody\n", []), ("   # nobody", []), ("192.0.2.7", ["192.0.2.7"]),
    ("192.0.2.7\n", ["192.0.2.7"]), ("192.0.2.7 # the printer\n", ["192.0.2.7"]),
    ("192.0.2.7# # twice\n", ["192.0.2.7"]),
    ("\t 192.0.2.0/24 \t\r\n2001:db8::/32\r\n", ["192.0.2.0/24", "2001:db8::/32"]),
    ("::1\n\n#\n10.0.0.0/8\n", ["::1", "10.0.0.0/8"]), ("::ffff:192.0.2.7\n", ["192.0.2.7"]),
    ("0.0.0.0/0\n::/0", ["0.0.0.0/0", "::/0"]),
  ])
  func `a line names a network, and the rest of it is a comment`(text: String, networks: [String]) throws {
    #expect(try Self.networks(text) == networks.map { try #require(Network($0)) })
  }

  @Test(arguments: [
    ("localhost", 1, "localhost"), ("192.0.2.7\nx\n", 2, "x"), ("#\n\n192.0.2.0/33\n", 3, "192.0.2.0/33"),
    ("192.0.2.1 192.0.2.2", 1, "192.0.2.1 192.0.2.2"), ("192.0.2.1-9", 1, "192.0.2.1-9"),
    ("192.0.2.1,192.0.2.2", 1, "192.0.2.1,192.0.2.2"), ("; 192.0.2.1", 1, "; 192.0.2.1"),
    ("192.0.2", 1, "192.0.2"), ("\u{1B}[2J", 1, "\\x1b[2J"), ("/24", 1, "/24"),
    (String(repeating: "9", count: 70), 1, String(repeating: "9", count: 60) + "…"),
  ])
  func `what is no network is refused with its line`(text: String, line: Int, word: String) {
    let message =
      "/etc/list, line \(line): '\(word)' is not an address or a network such as 192.0.2.0/24 or 2001:db8::/32"
    #expect(throws: Failure(.dataError, message)) { try Self.networks(text) }
  }

  @Test func `bytes that are no text are refused`() {
    #expect { try AccessFile("f").networks(in: [0x31, 0xFF]) } throws: {
      ($0 as? Failure)?.message.hasPrefix("f, line 1: '1\\xff' is not") == true
    }
  }
}
