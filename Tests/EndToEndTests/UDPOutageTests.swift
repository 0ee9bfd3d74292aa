// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Lines that are sent while the receiver is down.
@Suite(.takingTurns)
struct UDPOutageTests {
  /// Chooses a port at an address, binds it for each line of its input, and prints what it receives then.
  private static func receiver(at host: String) throws -> RunningProgram {
    try .python(
      """
      def there(port):
          receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          receiver.bind((arguments[0], port))
          return receiver
      with there(0) as chosen:
          port = chosen.getsockname()[1]
      say("port", port)
      for line in sys.stdin:
          with there(port) as receiver:
              say("there", line.strip())
              say(repr(receiver.recv(100)))
          say("away", line.strip())
      """, host)
  }

  @Test func `lines are sent on when the receiver comes back, and both is said once`() async throws {
    // An address that no other test uses, so that the port stays free.
    let host = "127.66.0.1"
    let receiver = try Self.receiver(at: host)
    let port = "\(try await receiver.printedPort())"
    let sender = RunningProgram.sockkit("udp-send", host, port)
    for round in [1, 2] {
      sender.send("lost\n")
      try await sender.errorLine(containing: "Connection refused", number: round)
      receiver.send("\(round)\n")
      try await receiver.outputLine(containing: "there \(round)")
      sender.send("line \(round)\n")
      try await receiver.outputLine(containing: "b'line \(round)'")
      if round == 1 {
        try await sender.errorLine(containing: "works again")
        try await receiver.outputLine(containing: "away 1")
      }
    }
    receiver.closeInput()
    let errors =
      "sockkit: send to \(host):\(port): Connection refused\nsockkit: send to \(host):\(port): works again\n"
    #expect(try await sender.finish() == Finished(.exit(0), errors: errors + errors))
  }

  @Test func `the status is that of the last ones, and a refusal is told once`() async throws {
    for (input, flags) in [
      ("a\nb\nc\n", []), ("a", []), ("a\nb\nc\n", ["-W", "10s"]), ("a\nb\n", ["-c", "3"]),
    ] {
      #expect(
        try await sockkit(["udp-send"] + flags + ["127.66.0.2:9"], input: .bytes(Array(input.utf8)))
          == Finished(.exit(69), errors: "sockkit: send to 127.66.0.2:9: Connection refused\n"))
    }
    let logged = try await sockkit(
      "udp-send", "--log-format", "json", "127.66.0.2:9", input: .bytes(Array("a\nb\n".utf8)))
    #expect(
      logged.errors.contains(
        #""event":"sendingFailed","message":"send to 127.66.0.2:9: Connection refused""#), "\(logged)")
  }

  @Test func `messages of the command line are not sent on`() async throws {
    for flags in [["--rate", "100"], ["-c", "100"], ["-W", "10s"]] {
      #expect(
        try await sockkit(["udp-send"] + flags + ["127.66.0.2:9", "a", "b", "c"])
          == Finished(.exit(69), errors: "sockkit: send to 127.66.0.2:9: Connection refused\n"))
    }
  }

  @Test func `a Unix socket that is away and comes back gets what is sent then`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let sender = RunningProgram.sockkit("udp-send", "unix:\(path)")
    // Reported before the first line is read: a line sent now could be read late, and reach the first receiver.
    try await sender.errorLine(containing: "No such file or directory")
    for number in 1...2 {
      let receiver = RunningProgram.sockkit("udp-recv", "-v", "-c", "1", "unix:\(path)")
      try await receiver.errorLine(containing: "listening")
      sender.send("line \(number)\n")
      let received = try await receiver.finished()
      #expect(received.text == "[unix:] line \(number)\n", "\(received)")
      try await sender.errorLine(containing: "works again", number: number)
      sender.send("lost\n")
      // The next outage has begun, and the next receiver does not get the line.
      try await sender.errorLine(containing: "send to unix:", number: 2 * number + 1)
    }
    #expect(try await sender.finish().ending == .exit(69))
  }

  @Test(.onPrivateNetworks) func `of several addresses the one that comes back is found`() async throws {
    let result = try await PrivateNetwork(.none, hosts: "::1 both\n127.0.0.1 both").shell(
      """
      await() { until grep -q "$1" "$2" 2> /dev/null; do sleep 0.02; done; }
      mkfifo lines && touch errors
      sockkit udp-send -v -p 4999 both 5000 < lines 2>> errors & sender=$!
      exec 3> lines
      for host in ::1 127.0.0.1 ::1; do
        echo lost >&3
        await refused errors
        sockkit udp-recv -v -c 1 $host 5000 > got 2> log & receiver=$!
        await listening log
        while kill -0 $receiver 2> /dev/null; do echo found >&3; sleep 0.05; done
        cat got
        await 'works again' errors
        : > errors
      done
      exec 3>&-
      wait $sender
      """)
    #expect(result.text == "[::1] found\n[127.0.0.1] found\n[::1] found\n", "\(result)")
    #expect([.exit(0), .exit(69)].contains(result.ending), "\(result)")
  }

  @Test(.onPrivateNetworks) func `a network that comes and goes costs what is sent in between`() async throws
  {
    let result = try await TwoHosts.run(
      """
      said() { until grep -q "$1" "$2" 2> /dev/null; do sleep 0.02; done; }
      mkfifo lines
      touch errors got
      far sockkit udp-recv --port-file port $far 0 > got & receiver=$!
      await port > /dev/null
      near sockkit udp-send $far "$(cat port)" < lines 2> errors & sender=$!
      exec 3> lines
      echo one >&3
      said one got
      ip link set $near_if down
      echo two >&3
      said unreachable errors
      ip link set $near_if up
      until grep -q 'works again' errors 2> /dev/null; do echo three >&3; sleep 0.1; done
      said three got
      exec 3>&-
      wait $sender
      kill $receiver
      sed "s/:$(cat port):/:PORT:/" errors
      """)
    #expect(
      result
        == Finished(
          .exit(0),
          output: """
            sockkit: send to 10.99.0.2:PORT: Network is unreachable
            sockkit: send to 10.99.0.2:PORT: works again

            """), "\(result)")
  }

  @Test(.onPrivateNetworks)
  func `a link on the way that takes smaller packets costs no IPv4 datagram, and is no outage`()
    async throws
  {
    let result = try await TwoHosts.run(
      """
      ip netns add third
      third() { nsenter --net=/run/netns/third "$@"; }
      far ip link add far1 mtu 1300 type veth peer name third0 mtu 1300 netns third
      far ip address add 10.98.0.1/24 dev far1
      far ip address add fd00:98::1/64 dev far1 nodad
      third ip address add 10.98.0.2/24 dev third0
      third ip address add fd00:98::2/64 dev third0 nodad
      far ip link set far1 up
      third ip link set third0 up
      far sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
      ip route add 10.98.0.0/24 via $far
      ip route add fd00:98::/64 via $far6
      third ip route add default via 10.98.0.1
      third ip route add default via fd00:98::1
      long=$(head -c 1400 /dev/zero | tr '\\0' x)
      third sockkit udp-recv -c 1 --port-file port 10.98.0.2 0 > first & receiver=$!
      near sockkit udp-send 10.98.0.2 "$(await port)" "$long"
      wait $receiver
      rm port
      third sockkit udp-recv --port-file port :: 0 > second & receiver=$!
      await port > /dev/null
      mkfifo lines
      near sockkit udp-send fd00:98::2 "$(cat port)" < lines 2> errors & sender=$!
      exec 3> lines
      until grep -q xxx second 2> /dev/null; do echo $long >&3; sleep 0.1; done
      exec 3>&-
      wait $sender
      kill $receiver
      sed 's/]:[0-9]*:/]:PORT:/' errors
      """)
    #expect(
      result == Finished(.exit(0), output: "sockkit: send to [fd00:98::2]:PORT: Message too long\n"),
      "\(result)")
  }
}
