// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Link-local addresses, which need an interface that `--interface` may name.
@Suite(.takingTurns, .onPrivateNetworks)
struct LinkLocalTests {
  /// Gives both hosts a link-local address at once.
  private static let addresses = """
    far ip address add fe80::99:2/64 dev $far_if nodad
    near ip address add fe80::99:1/64 dev $near_if nodad

    """

  @Test func `--interface completes the address to connect to, to connect from and to listen on`()
    async throws
  {
    let result = try await TwoHosts.run(
      Self.addresses + """
        far sockkit listen -v --interface $far_if fe80::99:2 7000 < /dev/null > received 2> log & server=$!
        until grep -q listening log 2> /dev/null; do sleep 0.02; done
        echo hello | near sockkit connect --interface $near_if -s fe80::99:1 fe80::99:2 7000; echo $?
        wait $server; echo $? $(cat received)
        grep -c 'accepted \\[fe80::99:1%' log
        """)
    #expect(result == Finished(.exit(0), output: "0\n0 hello\n1\n"))
  }

  @Test func `--multicast-interface completes the address to send to`() async throws {
    let result = try await TwoHosts.run(
      Self.addresses + """
        far sockkit udp-recv -v -c 1 --timeout 20s fe80::99:2%$far_if 7000 > received 2> log & server=$!
        until grep -q listening log 2> /dev/null; do sleep 0.02; done
        near sockkit udp-send --multicast-interface $near_if fe80::99:2 7000 hello; echo $?
        wait $server; cat received
        """)
    #expect(result.text.hasPrefix("0\n[fe80::") && result.text.hasSuffix("] hello\n"), "\(result)")
  }

  @Test func `without an interface it is said what is missing`() async throws {
    #expect(
      try await sockkit("connect", "fe80::1", "7000")
        == Finished(
          .exit(64),
          errors: "sockkit: address fe80::1: a link-local address needs its interface, as fe80::1%eth0\n"))
  }

  @Test(arguments: ["connect", "listen", "udp-send", "udp-recv"])
  func `an interface that there is not is named`(subcommand: String) async throws {
    #expect(
      try await sockkit(subcommand, "fe80::1%nosuch", "7000")
        == Finished(.exit(64), errors: "sockkit: address fe80::1%nosuch: there is no interface nosuch\n"))
  }
}
