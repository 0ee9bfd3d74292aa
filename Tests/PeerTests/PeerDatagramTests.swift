// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Datagrams exchanged with the other tools, in both roles.
@Suite(.takingTurns)
struct PeerDatagramTests {
  /// netcat and ncat send nothing for an empty input.
  private static let sendings =
    [(Peer.socat, 0)]
    + [Peer.netcat, .ncat, .socat].flatMap { peer in [1, 1_472, 8_192].map { (peer, $0) } }

  @Test(arguments: sendings)
  func `a datagram that a peer sends arrives whole`(peer: Peer, size: Int) async throws {
    let receiver = RunningProgram.sockkit(
      "udp-recv", "-v", "--raw", "-c", "1", "--timeout", "15s", "127.0.0.1", "0")
    let port = try await receiver.announcedPort()
    let payload = [UInt8](repeating: 0xA5, count: size)
    let sender = RunningProgram(try peer.datagramSender(to: port), input: .bytes(payload))
    let end = try await receiver.finished()
    #expect(end.ending == .exit(0) && end.output == payload, "\(end)")
    sender.signal(15)
  }

  @Test(arguments: [Peer.netcat, .ncat, .socat], [1, 1_472, 8_192])
  func `a datagram that is sent to a peer arrives whole`(peer: Peer, size: Int) async throws {
    let place = Place()
    let receiver = RunningProgram(try peer.datagramReceiver(at: place))
    let payload = [UInt8](repeating: 0x5A, count: size)
    // Until the peer has bound its port, which it does not report.
    let directory = try TemporaryDirectory()
    let file = try directory.write(payload, to: "payload")
    let sent = try await shell(
      """
      until grep -q "$(printf ':%04X' "$2")" /proc/net/udp; do sleep 0.02; done
      sockkit udp-send --whole "$1" "$2" < "$3"
      """, place.host, "\(place.port)", file)
    #expect(sent == Finished(.exit(0)))
    try await receiver.output(ofAtLeast: size)
    receiver.signal(15)
    #expect(try await receiver.finished().output == payload)
  }

  @Test(arguments: [Peer.netcat, .ncat, .socat])
  func `a peer that asks is answered`(peer: Peer) async throws {
    let server = RunningProgram.sockkit("udp-recv", "-v", "--prefix", "echo -> ", "0")
    let port = try await server.announcedPort()
    let client = RunningProgram(try peer.datagramSender(to: port))
    client.send("question")
    try await client.output(ofAtLeast: "echo -> question".utf8.count)
    client.signal(15)
    #expect(try await client.finished().text == "echo -> question")
  }

  @Test(
    arguments: [
      "nc -luU PATH", "nc -lukU PATH", "ncat -luU PATH", "ncat -lukU PATH", "udp-recv --raw unix:PATH",
    ],
    [Peer.socat, .python])
  func `a Unix datagram of a sender without a name is shown`(receiver: String, peer: Peer) async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/socket"
    let program = RunningProgram(
      .sockkit(receiver.replacing("PATH", with: path).split(separator: " ").map(String.init)),
      input: .file("/dev/null"))
    let script = """
      until [ -S "$1" ]; do sleep 0.02; done
      if [ "$2" = socat ]; then exec socat -u - "UNIX-SENDTO:$1"; fi
      exec python3 -c 'import socket, sys
      sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      sender.sendto(sys.stdin.buffer.read(), sys.argv[1])' "$1"
      """
    for word in ["one", "two"] {
      let sent = try await RunningProgram(
        .shell(script, [path, peer.rawValue]), input: .bytes(Array("\(word)\n".utf8))
      ).finished()
      #expect(sent == Finished(.exit(0)))
      try await program.outputLine(containing: word)
    }
    program.signal(15)
    #expect(try await program.finished().text == "one\ntwo\n")
  }
}

extension Peer {
  /// The peer as a sender of its standard input, which waits for replies.
  fileprivate func datagramSender(to port: UInt16) throws -> Program {
    switch self {
    case .netcat: try .other("nc.openbsd", package: "netcat-openbsd", ["-n", "-u", "127.0.0.1", "\(port)"])
    case .ncat: try .other("ncat", package: "ncat", ["-n", "-u", "127.0.0.1", "\(port)"])
    case .socat, .python:
      try .other("socat", package: "socat", ["-t15", "-,null-eof", "UDP:127.0.0.1:\(port),shut-null"])
    }
  }

  /// The peer as a receiver that prints the datagrams.
  fileprivate func datagramReceiver(at place: Place) throws -> Program {
    let port = "\(place.port)"
    return switch self {
    case .netcat: try .other("nc.openbsd", package: "netcat-openbsd", ["-n", "-u", "-l", place.host, port])
    case .ncat: try .other("ncat", package: "ncat", ["-n", "-u", "-l", place.host, port])
    case .socat, .python:
      try .other("socat", package: "socat", ["-u", "UDP-RECV:\(port),bind=\(place.host)", "-"])
    }
  }
}
