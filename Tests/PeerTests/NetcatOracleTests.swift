// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `nc` of OpenBSD and our program under its name do the same, row by row.
@Suite(.takingTurns)
struct NetcatOracleTests {
  private let oracle: Oracle

  init() throws { oracle = try Oracle("nc", program: "nc.openbsd", package: "netcat-openbsd") }

  // MARK: Usage

  static let usageRows = [
    "nc localhost", "nc -l", "nc -l localhost", "nc -k localhost 1", "nc localhost 99999", "nc localhost 0",
    "nc localhost 80x", "nc -w x localhost 1", "nc -w -1 localhost 1", "nc -w 99999999999 localhost 1",
    "nc -i x localhost 1", "nc -i -1 localhost 1", "nc -q x localhost 1", "nc -W 0 localhost 1",
    "nc -W x localhost 1", "nc -M 0 localhost 1", "nc -M 256 localhost 1", "nc -m x localhost 1",
    "nc -I 0 localhost 1", "nc -O x localhost 1", "nc -T bogus localhost 1", "nc -T 256 localhost 1",
    "nc -V 1 localhost 1", "nc -X 6 localhost 1", "nc -x localhost -l 1", "nc -x localhost -u h 1",
    "nc -x localhost -U h", "nc -x localhost:1 -s 127.0.0.1 h 1", "nc -z -l 1", "nc -F -U x",
    "nc -lv 80x", "nc -lv 1-3", "nc -N -l", "nc -U a b", "nc -lU", "nc -lU a b",
    "nc -S localhost 1",
  ]

  @Test(arguments: usageRows)
  func `a wrong command line gets the same message and status`(line: String) async throws {
    let (original, ours) = try await oracle.run(line, with: nil)
    #expect(ours == original)
    #expect(ours.contains("status 1") && ours.contains("nc: "), "\(ours)")
  }

  @Test(arguments: ["nc", "nc -y", "nc -p", "nc -U", "nc -lv -p 1 h", "nc -lv -s 127.0.0.1 1", "nc -l 1 2 3"])
  func `what is no command line gets the usage, in which ours has two more lines`(line: String) async throws {
    let (original, ours) = try await oracle.run(line, with: nil)
    let common = ours.description.split(separator: "\n").filter {
      !$0.contains("[-c ") && !$0.contains("--tls-cert")
    }
    #expect(common.joined(separator: "\n") + "\n" == original.description)
  }

  // MARK: Connecting

  static let failures = [
    "nc localhost 1", "nc 127.0.0.1 1", "nc -v localhost 1", "nc -v 127.0.0.1 1", "nc -nv 127.0.0.1 1",
    "nc -nv localhost 1", "nc -v nosuch.invalid 1", "nc nosuch.invalid 1", "nc -4 ::1 1", "nc localhost 3-1",
    "nc localhost 1 2 3", "nc -zv localhost 1-3", "nc -zv 127.0.0.1 3 1", "nc -z localhost 1", "nc -U none",
    "nc -vU none", "nc -zU none", "nc localhost 1 -v", "nc -v -x 127.0.0.1:1 h 1",
    "nc -X connect -x 127.0.0.1:1 h 1",
    "nc -l 8.8.8.8 1024", "nc -s 1.2.3.4 127.0.0.1 1", "nc -v 127.0.0.1 +1", "nc -nv 127.0.0.1 tcpmux",
    "nc -v -x nosuch.invalid:7 127.0.0.1 1", "nc -X CONNECT -x 127.0.0.1:1 h 1", "nc -lv nosuch.invalid 1024",
  ]

  @Test(arguments: failures)
  func `a failure to connect or to listen has the same words and status`(line: String) async throws {
    let (original, ours) = try await oracle.run(line, with: nil)
    #expect(ours == original)
    #expect(ours.contains("status 1"), "\(ours)")
  }

  static let clients: [(line: String, peer: String)] = [
    ("nc 127.0.0.1 PORT", "c.sendall(b'hello')"),
    ("sleep 1 | nc 127.0.0.1 PORT", "c.sendall(b'hello')"),
    ("echo hi | nc -N 127.0.0.1 PORT", "got = drain(c)\nc.sendall(got)\nreturn got"),
    ("echo hi | nc 127.0.0.1 PORT", "got = c.recv(9)\nc.sendall(b'answer')\nreturn got"),
    ("echo hi | nc -q 0 127.0.0.1 PORT", "return wait_end(c)"),
    ("echo hi | nc -q -1 127.0.0.1 PORT", "got = c.recv(9)\nc.sendall(b'answer')\nreturn got"),
    ("echo hi | nc -w 1 127.0.0.1 PORT", "return wait_end(c)"),
    ("sleep 3 | nc -w 1 127.0.0.1 PORT", "return wait_end(c)"),
    ("nc -d 127.0.0.1 PORT", "c.sendall(b'hello')\nc.shutdown(1)\nreturn wait_end(c)"),
    ("echo hi | nc -W 1 127.0.0.1 PORT", "got = c.recv(9)\nc.sendall(b'1')\nreturn got, wait_end(c)"),
    ("printf 'a\\nb\\r\\nc\\n' | nc -CN 127.0.0.1 PORT", "return wait_end(c)"),
    ("(sleep 0.3; echo ho) | nc -N 127.0.0.1 PORT", "c.sendall(b'half')\nc.shutdown(1)\nreturn wait_end(c)"),
    ("nc -nvz 127.0.0.1 PORT", "return wait_end(c)"),
    ("nc -vz localhost PORT", "return wait_end(c)"),
    ("nc -vz localhost 1 PORT", "return wait_end(c)"),
    ("echo hi | nc -N 127.0.0.1 1 PORT", "return wait_end(c)"),
    ("echo hi | nc -vN localhost PORT", "return wait_end(c)"),
    ("echo hi | nc -T lowdelay -M 5 -I 9000 -O 9000 -N 127.0.0.1 PORT", "return wait_end(c)"),
    ("(sleep 1; echo hi) | nc -s 127.0.0.2 -N 127.0.0.1 PORT", "return c.getpeername()[0], wait_end(c)"),
  ]

  @Test(arguments: clients)
  func `a client does the same`(line: String, peer: String) async throws {
    let (original, ours) = try await oracle.run(line, with: peer)
    #expect(ours == original)
    #expect(ours.contains("status 0"), "\(ours)")
  }

  // MARK: Listening

  static let listeners: [(line: String, peer: String)] = [
    ("sleep 3 | nc -lv 127.0.0.1 PORT", "c.sendall(b'hello')"),
    ("nc -lvn PORT", "c.sendall(b'hello')"),
    ("nc -lv -p PORT", "c.sendall(b'hello')"),
    ("nc -lv -s 127.0.0.1 -p PORT", "c.sendall(b'hello')"),
    ("nc -lv localhost PORT", "c.sendall(b'hello')"),
    (
      "echo hi | nc -lv 127.0.0.1 PORT",
      "got = c.recv(9)\nc.settimeout(1)\ntry:\n    drain(c)\nexcept TimeoutError:\n    return got"
    ),
    ("echo hi | nc -lvN 127.0.0.1 PORT", "return wait_end(c)"),
    ("echo hi | nc -lv -q 0 127.0.0.1 PORT", "return wait_end(c)"),
    (
      "echo hi | nc -lv 127.0.0.1 PORT",
      "got = c.recv(9)\nc.sendall(b'x')\nc.shutdown(1)\nreturn got, wait_end(c)"
    ),
    ("nc -lv -w 1 127.0.0.1 PORT", "ended()"),
    ("nc -luvn -W 1 127.0.0.1 PORT", "c.send(b'datagram')"),
    ("echo hi | timeout 2 nc -luvn 127.0.0.1 PORT", "c.send(b'datagram')\nreturn c.recv(99)"),
    ("echo hi | timeout 1 nc -lukvn 127.0.0.1 PORT", "c.send(b'datagram')\nc.send(b'another')"),
  ]

  @Test(arguments: listeners)
  func `a listener does the same`(line: String, peer: String) async throws {
    let (original, ours) = try await oracle.run(line, with: peer, listens: true)
    #expect(ours == original)
  }

  // MARK: Differences on purpose

  @Test func `a reset is no success`() async throws {
    let (original, ours) = try await oracle.run(
      "sleep 2 | nc -vln 127.0.0.1 PORT", with: "c.sendall(b'x')\nshown(b'x')\nreset(c)", listens: true)
    #expect(original.contains("status 0"), "\(original)")
    #expect(ours.contains("status 1") && ours.contains("Connection reset by peer"), "\(ours)")
  }

  @Test func `the delay after the end of the input passes although the peer is quiet`() async throws {
    let (original, ours) = try await oracle.run(
      "echo hi | timeout 4 nc -q 1 127.0.0.1 PORT", with: "got = wait_end(c)\nended()\nreturn got")
    #expect(original.contains("status 124"), "\(original)")
    #expect(ours.contains("status 0") && ours.contains("(b'hi\\n', 'end')"), "\(ours)")
  }

  @Test func `a client of IPv4 has its name on a socket of IPv6, too`() async throws {
    let (original, ours) = try await oracle.run("nc -6lv PORT", with: "c.sendall(b'hello')", listens: true)
    #expect(original.contains("received on ::ffff:127.0.0.1 "), "\(original)")
    #expect(ours.contains("Listening on :: ") && ours.contains("received on localhost "), "\(ours)")
  }

  @Test func `a regular file is not replaced by a socket`() async throws {
    let line = "echo data > file; timeout 1 nc -lU file; cat file"
    let (_, ours) = try await oracle.run(line, with: nil)
    #expect(ours.contains("data") && ours.contains("nc: file: the file is not a socket"), "\(ours)")
  }

  @Test func `output that cannot be written is a failure, and a closed standard input is an empty one`()
    async throws
  {
    let full = try await oracle.run("nc 127.0.0.1 PORT > /dev/full", with: "c.sendall(b'hello')").ours
    #expect(full.contains("status 1") && full.contains("No space left on device"), "\(full)")
    let closed = try await oracle.run("nc 127.0.0.1 PORT <&-", with: "c.sendall(b'hello')").ours
    #expect(closed.contains("status 0") && closed.contains("hello"), "\(closed)")
  }

  @Test func `nothing is sent to a peer of UDP that was not asked for`() async throws {
    let (original, ours) = try await oracle.run(
      """
      nc -lukvn 127.0.0.1 0 > got 2> log & listener=$!
      until port=$(sed -n 's/^Bound on .* \\([0-9]*\\)$/\\1/p' log 2> /dev/null | grep .); do sleep 0.05; done
      timeout 3 nc -vu -w 1 127.0.0.1 $port
      kill $listener; wait $listener; cat got
      """,
      with: nil)
    #expect(original.contains(String(repeating: "X", count: 3)), "\(original)")
    #expect(!ours.contains("XX") && ours.contains("[udp/*] succeeded!"), "\(ours)")
  }

  @Test func `commands run for a connection, which the original cannot`() async throws {
    let shell = try await oracle.run(
      "nc -vln 127.0.0.1 PORT -c 'read x; echo got $x; exit 7'",
      with: "c.sendall(b'this\\n')\nreturn wait_end(c)",
      listens: true
    ).ours
    #expect(shell.contains("status 7") && shell.contains("got this"), "\(shell)")
    let program = try await oracle.run(
      "nc 127.0.0.1 PORT -e /bin/cat", with: "c.sendall(b'echoed')\nc.shutdown(1)\nreturn wait_end(c)"
    ).ours
    #expect(program.contains("status 0") && program.contains("(b'echoed', 'end')"), "\(program)")
  }
}
