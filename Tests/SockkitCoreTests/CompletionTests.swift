// SPDX-License-Identifier: GPL-3.0-or-later

import SockkitCore
import Testing

/// What is offered where a word is typed.
struct CompletionTests {
  @Test func `a hosts file has names, and comments have none`() {
    let names = HostNames.names(
      inHosts: """
        # 192.0.2.9 nobody
        127.0.0.1\tlocalhost loop # 192.0.2.8 nobody
        ::1 ip6-localhost

        192.0.2.7
        """)
    #expect(names == ["localhost", "loop", "ip6-localhost"])
  }

  @Test func `known hosts have names, without hashes, patterns and authorities`() {
    let names = HostNames.names(
      inKnownHosts: """
        # comment
        one.example,192.0.2.1 ssh-ed25519 AAAA
        [two.example]:2222,[2001:db8::1]:22 ssh-rsa AAAA
        |1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA
        @cert-authority *.example ssh-rsa AAAA
        *.three.example,!no.example,three.example ssh-rsa AAAA
        """)
    #expect(names == ["one.example", "192.0.2.1", "two.example", "2001:db8::1", "three.example"])
  }

  @Test func `files that cannot be read have no names`() {
    _ = HostNames.known(home: "/nonexistent")
    #expect(HostNames.known(home: nil) == HostNames.known(home: "/dev/null"))
  }

  @Test(arguments: [
    ([], TypedWords.Expected.host), (["-v"], .host), (["-w", "5"], .host), (["-w", "5", "server"], .port),
    (["server"], .port), (["server", "-o", "file"], .port), (["server", "80"], .other),
    (["server:80"], .other), (["unix:/run/x"], .other), (["[::1]:80"], .other), (["::1"], .port),
    (["-"], .port),
  ])
  func `after a host comes its port`(words: [String], expected: TypedWords.Expected) {
    let command = KnownCommand(
      "connect",
      help: """
          -v, --verbose  Talk.
          -w, --connect-timeout <duration>  Wait.
          -o, --record <file>  Write.
        """)
    let line = ["sockkit", "connect"] + words + ["typed", "later"]
    #expect(TypedWords(line, before: line.count - 2, of: command).expected == expected)
  }
}
