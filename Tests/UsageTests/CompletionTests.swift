// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Usage

/// The completions offered for a word.
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
    ("Use IPv4 only.", "Use IPv4 only"), ("First. Second.", "First"), ("no stop", "no stop"), ("", ""),
    ("A file, 'x ARG...' at the end. More.", "A file, 'x ARG...' at the end"),
    ("Up to 0.5 s. More.", "Up to 0.5 s"),
  ])
  func `an option is described by its first sentence`(text: String, first: String) {
    #expect(Sentence.first(of: text) == first)
  }

  private static func typed(_ words: [String], runsCommand: Bool = true) -> TypedWords {
    TypedWords(
      words, takesValue: { ["-w", "--connect-timeout", "-o"].contains($0) }, runsCommand: runsCommand)
  }

  @Test(arguments: [
    ([], TypedWords.Place.argument(0)), (["-v"], .argument(0)), (["-w"], .value(of: "-w")),
    (["-w", "5"], .argument(0)), (["-w", "5", "server"], .argument(1)),
    (["--connect-timeout=5"], .argument(0)),
    (["--connect-timeout"], .value(of: "--connect-timeout")), (["-zvw"], .value(of: "-w")),
    (["-zvw5"], .argument(0)), (["server", "-o"], .value(of: "-o")), (["-"], .argument(1)),
    (["5000", "--"], .command(0)), (["5000", "--", "cat", "-w"], .command(2)),
  ])
  func `a word is an argument, a value, or part of a command`(words: [String], place: TypedWords.Place) {
    #expect(Self.typed(words).place == place)
  }

  @Test func `joined flags count each, and where no command is run '--' ends the options`() {
    #expect(Self.typed(["-zvw5", "--telnet"]).options == ["-z", "-v", "-w", "--telnet"])
    let typed = Self.typed(["--", "-w", "x"], runsCommand: false)
    #expect(typed.positionals == ["-w", "x"] && typed.place == .argument(2))
  }

  @Test(arguments: [
    ("-w5", "-w"), ("-vofile", "-vo"), ("-w", nil), ("-zv", nil), ("--connect-timeout", nil), ("-", nil),
    ("", nil),
  ])
  func `a value may be joined to the letter of its option`(word: String, option: String?) {
    let start = TypedWords.joinedValue(in: word) { ["-w", "-o"].contains($0) }
    #expect(start.map { String(word[..<$0]) } == option)
  }

  @Test(arguments: [
    ("", [], false, AddressWords.Offer(.host)), ("loc", [], false, .init(.host)),
    ("localhost:ht", [], false, .init(.service, behind: "localhost:")),
    ("[::1]:", [], false, .init(.service, behind: "[::1]:")),
    ("::1", [], false, .init(.host)), ("unix:/tm", [], false, .init(.path, behind: "unix:")),
    ("ht", ["server"], false, .init(.service)), ("x", ["server", "80"], false, .init(.nothing)),
    ("x", ["server:80"], false, .init(.nothing)), ("x", ["unix:/run/x"], false, .init(.nothing)),
    ("ht", ["::1"], false, .init(.service)), ("22,ht", ["server"], true, .init(.service, behind: "22,")),
    ("db:22,25,ht", [], true, .init(.service, behind: "db:22,25,")), ("ca", ["db:5432"], true, .init(.host)),
    ("ht", ["server", "22"], true, .init(.service)), ("22,ht", ["server"], false, .init(.service)),
  ])
  func `the address of a peer goes on with a host, its port, or a path`(
    word: String, before: [String], isList: Bool, offer: AddressWords.Offer
  ) {
    #expect(AddressWords.remote(word, after: before, isList: isList) == offer)
  }

  @Test(arguments: [
    ("", [], AddressWords.Offer(.host)), (":ht", [], .init(.service, behind: ":")),
    ("127.0.0.1:ht", [], .init(.service, behind: "127.0.0.1:")), ("ht", ["127.0.0.1"], .init(.service)),
    ("ht", ["5000"], .init(.nothing)), ("unix:x", [], .init(.path, behind: "unix:")),
    ("systemd", [], .init(.host)), ("systemd:ht", [], .init(.host)), ("fd:", [], .init(.host)),
    ("x", ["systemd:http"], .init(.nothing)),
  ])
  func `the address to bind may begin with its port, or be inherited`(
    word: String, before: [String], offer: AddressWords.Offer
  ) {
    #expect(AddressWords.local(word, after: before) == offer)
  }
}
