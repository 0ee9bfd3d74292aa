// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Datagrams of any legal size, over both families.
@Suite(.takingTurns)
struct DatagramSizeTests {
  private static let hosts = ["127.0.0.1", "::1"]
  private static let sizes = [0, 1, 1_472, 8_193, 65_507]

  private static func payload(_ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
  }

  @Test(arguments: hosts, sizes)
  func `a datagram of any size is sent whole`(host: String, size: Int) async throws {
    let receiver = try RunningProgram.python(
      """
      receiver = socket.socket(socket.AF_INET6 if ":" in arguments[0] else socket.AF_INET, socket.SOCK_DGRAM)
      receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
      receiver.bind((arguments[0], 0))
      say("port", receiver.getsockname()[1])
      datagram = receiver.recv(1 << 17)
      say(len(datagram), hashlib.sha256(datagram).hexdigest())
      """, host)
    let port = "\(try await receiver.printedPort())"
    let directory = try TemporaryDirectory()
    let file = try directory.write(Self.payload(size), to: "payload")
    #expect(try await sockkit("udp-send", "--whole", host, port, input: .file(file)) == Finished(.exit(0)))
    let lines = try await receiver.finished().text.split(separator: "\n")
    #expect(lines.last.map(String.init) == "\(size) \(try await directory.digests("payload")[0])")
  }

  @Test(arguments: hosts, sizes)
  func `a datagram of any size is received whole`(host: String, size: Int) async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "--raw", "-c", "1", host, "0")
    let port = "\(try await receiver.announcedPort())"
    let sent = try await python(
      """
      sender = socket.socket(socket.AF_INET6 if ":" in arguments[0] else socket.AF_INET, socket.SOCK_DGRAM)
      sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
      sender.sendto(bytes(index * 7 & 255 for index in range(int(arguments[2]))), (arguments[0], int(arguments[1])))
      """, host, port, "\(size)")
    #expect(sent.ending == .exit(0), "\(sent)")
    let end = try await receiver.finished()
    #expect(end.ending == .exit(0) && end.output == Self.payload(size), "\(end)")
  }

  @Test func `the longest datagram over IPv6 is twenty bytes longer`() async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "--raw", "-c", "1", "::1", "0")
    let port = "\(try await receiver.announcedPort())"
    let longest = Self.payload(65_527)
    #expect(
      try await sockkit("udp-send", "--whole", "::1", port, input: .bytes(longest)) == Finished(.exit(0)))
    #expect(try await receiver.finished().output == longest)
    #expect(
      try await sockkit("udp-send", "--whole", "::1", port, input: .bytes(longest + [0]))
        == Finished(
          .exit(65),
          errors:
            "sockkit: standard input is longer than the 65527 bytes that fit into one datagram over IPv6\n"))
  }

  @Test func `a message over the limit is refused before anything of it is sent`() async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "127.0.0.1", "0")
    let port = "\(try await receiver.announcedPort())"
    let tooLong = String(repeating: "x", count: 65_508)
    #expect(
      try await sockkit("udp-send", "127.0.0.1", port, "first", tooLong)
        == Finished(
          .exit(65),
          errors:
            "sockkit: message 2 has 65508 bytes, more than the 65507 bytes that fit into one datagram over IPv4\n"
        ))
    #expect(
      try await sockkit("udp-send", "--whole", "127.0.0.1", port, input: .bytes(Array(tooLong.utf8)))
        == Finished(
          .exit(65),
          errors:
            "sockkit: standard input is longer than the 65507 bytes that fit into one datagram over IPv4\n"))
    // The lines before it are sent.
    #expect(
      try await sockkit(
        "udp-send", "127.0.0.1", port, input: .bytes(Array("before\n\(tooLong)\nafter\n".utf8)))
        == Finished(
          .exit(65),
          errors:
            "sockkit: line 2 of standard input is longer than the 65507 bytes that fit into one datagram over IPv4\n"
        ))
    try await receiver.outputLine(containing: "before")
    receiver.signal(15)
    #expect(try await receiver.finished().text == "[127.0.0.1] before\n")
  }

  @Test func `an endless line is refused without being held`() async throws {
    let result = try await shell("head -c 200M /dev/zero | (ulimit -v 400000; sockkit udp-send 127.0.0.1 9)")
    #expect(result.ending == .exit(65), "\(result)")
    #expect(result.errors.hasPrefix("sockkit: line 1 of standard input is longer than "), "\(result)")
  }
}
