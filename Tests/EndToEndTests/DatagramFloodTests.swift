// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Many datagrams: none is lost in this process, and those that the kernel drops are reported.
@Suite(.takingTurns)
struct DatagramFloodTests {
  @Test func `of 200,000 datagrams at a rate that is sustained none is lost`() async throws {
    let count = 200_000
    let directory = try TemporaryDirectory()
    let receiver = RunningProgram(
      .sockkit(["udp-recv", "-v", "--raw", "-c", "\(count)", "127.0.0.1", "0"]),
      output: .file(directory.file("received")), limit: 120)
    let port = "\(try await receiver.announcedPort())"
    // 63 digits and a newline, which is sent too: 64 bytes each, and all different.
    let made = try await shell("seq -f %063.0f \"$1\" > \"$2\"", "\(count)", directory.file("sent"))
    try #require(made == Finished(.exit(0)))
    let sender = try await sockkit(
      "udp-send", "--keep-newline", "--rate", "40000", "127.0.0.1", port,
      input: .file(directory.file("sent")), limit: 120)
    #expect(sender == Finished(.exit(0)))
    let end = try await receiver.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.errors.contains("received \(count) datagrams (\(count * 64) bytes)"), "\(end)")
    let digests = try await directory.digests("sent", "received")
    #expect(digests[0] == digests[1])
  }

  @Test func `what the kernel drops is counted, and said without being asked`() async throws {
    let directory = try TemporaryDirectory()
    let receiver = RunningProgram(
      .shell(
        "exec sockkit udp-recv --port-file \"$1\" --raw --receive-buffer 4K 127.0.0.1:0",
        [directory.file("port")]))
    let port = try await directory.waitForPort("port")
    // While it is stopped, the datagrams queue in a buffer that is too small.
    receiver.signal(19)
    let count = 500
    let sent = try await python(
      """
      sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      for _ in range(int(arguments[1])):
          sender.sendto(b"x" * 100, ("127.0.0.1", int(arguments[0])))
      """, "\(port)", "\(count)")
    try #require(sent.ending == .exit(0), "\(sent)")
    receiver.signal(15)
    receiver.signal(18)
    let end = try await receiver.finished()
    let received = end.output.count / 100
    #expect(end.ending == .exit(0) && (1..<count).contains(received), "\(end)")
    #expect(
      end.errorLines == [
        "sockkit: the kernel dropped \(count - received) datagrams for 127.0.0.1:\(port), "
          + "most often because the receive buffer was full"
      ], "\(end)")
  }
}
