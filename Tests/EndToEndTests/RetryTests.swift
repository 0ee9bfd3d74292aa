// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `--retry` while a name or a server does not exist yet.
@Suite(.takingTurns, .onPrivateNetworks)
struct RetryTests {
  /// A name that appears in the hosts file once the first look-up has failed, for a server on port 7000.
  private static let nameAppears = """
    waitFor() { for _ in $(seq 500); do grep -q "$1" "$2" && return; sleep 0.02; done; cat "$2" >&2; exit 98; }
    """

  @Test(arguments: ["connect -z", "connect --recv-only", "connect -z other:7000", "connect -z --json"])
  func `a name that is not known yet`(command: String) async throws {
    let place = command.hasSuffix(":7000") ? "late.test:7000" : "late.test 7000"
    let result = try await PrivateNetwork(.none, hosts: "127.0.0.1 other").shell(
      Self.nameAppears + """

        sockkit listen -k --send-only 127.0.0.1:7000 < /dev/null 2> server & server=$!
        until [ -s server ] || grep -q ' 0100007F:1B58 ' /proc/net/tcp; do sleep 0.02; done
        sockkit \(command) --retry 20s \(place) > out 2> errors & client=$!
        waitFor 'look up late.test' errors
        echo '127.0.0.1 late.test' >> hosts
        wait $client; echo $?
        grep -c 'trying again' errors
        kill $server
        """)
    #expect(result.text == "0\n1\n", "\(result)")
  }

  @Test func `a name that never appears is status 68 when the time is over, and said once before`()
    async throws
  {
    let start = ContinuousClock.now
    let result = try await PrivateNetwork(.none).shell(
      "sockkit connect --retry 700ms late.test 7000; echo $?; sockkit connect -z --retry 700ms late.test 7000; echo $?"
    )
    let line = "sockkit: look up late.test: Temporary failure in name resolution"
    #expect(
      result
        == Finished(
          .exit(0), output: "75\n75\n",
          errors: String(repeating: "\(line); trying again (--retry)\n\(line)\n", count: 2)))
    #expect(start.duration(to: .now) > .seconds(1.2))
  }

  @Test func `calc and udp-send retry too`() async throws {
    let result = try await PrivateNetwork(.none).shell(
      Self.nameAppears + """

        sockkit calc --retry 20s late.test 7000 -3+4 > result 2> errors & client=$!
        waitFor 'look up late.test' errors
        echo '127.0.0.1 late.test' >> hosts
        sockkit calc-server 127.0.0.1:7000 2> server & server=$!
        wait $client; echo $? $(cat result)
        kill $server
        sockkit udp-send -v --retry 20s later.test 7001 one two 2> errors & client=$!
        waitFor 'look up later.test' errors
        echo '127.0.0.1 later.test' >> hosts
        waitFor 'send to 127.0.0.1:7001: Connection refused' errors
        sockkit udp-recv -c 2 --timeout 20s 127.0.0.1:7001 > received & receiver=$!
        wait $client; echo $?
        wait $receiver; cat received
        """)
    #expect(result.text == "0 1\n0\n[127.0.0.1] one\n[127.0.0.1] two\n", "\(result)")
  }

  @Test func `a Unix socket that is missing is waited for, and another file is not`() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("x", to: "file")
    let message = "unix:\(path): the file is not a socket\n"
    #expect(
      try await sockkit("connect", "--retry", "30s", "-U", path)
        == Finished(.exit(69), errors: "sockkit: connect to \(message)"))
    #expect(
      try await sockkit("udp-send", "--retry", "30s", "-U", path, "x")
        == Finished(.exit(69), errors: "sockkit: send to \(message)"))
  }

  @Test(arguments: ["-n localhost 7000", "127.0.0.1 nosuchservice", "-4 ::1 7000"])
  func `what cannot change is not retried`(line: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(["connect", "--retry", "1h"] + words).ending == .exit(68))
  }
}
