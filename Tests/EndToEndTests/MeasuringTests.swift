// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@Suite(.takingTurns)
struct MeasuringTests {
  private struct Statistics: Decodable {
    struct Direction: Decodable {
      let bytes: Int
      let seconds: Double
      let bytesPerSecond: Double
    }
    struct TCP: Decodable {
      let roundTripMilliseconds: Double
      let retransmissions: Int
      let maximumSegmentSize: Int
      let congestionWindow: Int
    }
    let sent: Direction
    let received: Direction
    let tcp: TCP?
  }

  @Test func `--stats are three lines at the end`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .bytes(Array("pong!".utf8)))
    let result = try await sockkit(
      "connect", "--stats", "127.0.0.1", "\(server.announcedPort())", input: .bytes(Array("ping".utf8)))
    #expect(result.ending == .exit(0))
    #expect(result.text == "pong!")
    let patterns = [
      #"^sockkit: sent 4 bytes in \d+\.\d{3} s, [\d.]+ (B|KiB|MiB)/s$"#,
      #"^sockkit: received 5 bytes in \d+\.\d{3} s, [\d.]+ (B|KiB|MiB)/s$"#,
      #"^sockkit: tcp: round-trip time [\d.]+ ms \(variation [\d.]+ ms\), \d+ retransmissions?, MSS \d+ bytes, "#
        + #"congestion window \d+ segments$"#,
    ]
    try #require(result.errorLines.count == patterns.count, "\(result)")
    for (line, pattern) in zip(result.errorLines, patterns) {
      #expect(line.contains(try Regex(pattern)), "\(line)")
    }
  }

  @Test func `--stats --json are one object`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "--stats", "--json", "127.0.0.1", "0", input: .bytes(Array("pong!".utf8)))
    let result = try await sockkit(
      "connect", "--stats", "--json", "127.0.0.1", "\(server.announcedPort())",
      input: .bytes(Array("ping".utf8)))
    #expect(result.ending == .exit(0))
    #expect(result.errorLines.count == 1)
    let statistics = try JSONDecoder().decode(Statistics.self, from: Data(result.errors.utf8))
    #expect(statistics.sent.bytes == 4)
    #expect(statistics.received.bytes == 5)
    #expect(statistics.sent.seconds > 0)
    #expect(statistics.sent.bytesPerSecond > 0)
    #expect((statistics.tcp?.maximumSegmentSize ?? 0) > 0)
    #expect((statistics.tcp?.congestionWindow ?? 0) > 0)
    let served = try await server.finished().errorLines
    let line = try #require(served.first { $0.hasPrefix("{") })
    #expect(try JSONDecoder().decode(Statistics.self, from: Data(line.utf8)).received.bytes == 4)
  }

  @Test func `a Unix socket has no TCP statistics`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit("listen", "-v", "-U", directory.file("s"), input: .file("/dev/null"))
    try await server.errorLine(containing: "listening")
    let result = try await sockkit("connect", "--stats", "--json", "-U", directory.file("s"))
    #expect(result.ending == .exit(0))
    #expect(try JSONDecoder().decode(Statistics.self, from: Data(result.errors.utf8)).tcp == nil)
  }

  @Test func `--progress is a line a second without a terminal, and one at the end`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let client = RunningProgram.sockkit(
      "connect", "--progress", "127.0.0.1:\(try await server.announcedPort())")
    client.send([UInt8](repeating: 1, count: 3 << 10))
    let line = try await client.errorLine(containing: "sent 3.0 KiB, received 0 B  ")
    #expect(line.hasPrefix("sockkit: sent 3.0 KiB"))
    let end = try await client.finish()
    #expect(end.ending == .exit(0))
    #expect(end.errorLines.count >= 2)
    #expect(!end.errors.contains("\r"))
    #expect(end.errorLines.allSatisfy { $0.hasSuffix("/s") })
  }

  @Test func `--progress shows the share of a file, whose size is known`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write([UInt8](repeating: 1, count: 5 << 20), to: "file")
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let end = try await sockkit(
      "connect", "--progress", "127.0.0.1:\(server.announcedPort())", input: .file(file))
    #expect(end.ending == .exit(0))
    let last = try #require(end.errorLines.last)
    #expect(last.hasPrefix("sockkit: 5.0 MiB of 5.0 MiB  100% [################]  "), "\(end)")
    #expect(last.hasSuffix("iB/s"))
  }

  @Test(arguments: [100, 80, 60, 20])
  func `--progress fits into one row of the terminal, however narrow, and also when that changes`(
    columns: Int
  )
    async throws
  {
    let result = try await screens(
      """
      columns = \(columns)
      file = directory + "/file"
      with open(file, "wb") as empty:
          empty.truncate(1023 << 20)
      listener = socket.create_server(("127.0.0.1", 0))
      def drain():
          "Reads until the program is stopped, which resets the connection."
          try:
              while peer.recv(1 << 16): pass
          except OSError: pass
      words = f"sockkit connect --progress --rate 1010K 127.0.0.1 {listener.getsockname()[1]} < {file}"
      with Screen(words, columns=columns) as screen:
          peer = listener.accept()[0]
          threading.Thread(target=drain, daemon=True).start()
          lines = set()
          def looks(count):
              "Whether so many lines have been seen, each alone on the screen."
              rows = screen.rows()
              if rows == [""]: return False
              assert len(rows) == 1 and rows[0].startswith("sockkit: ") and "%" in rows[0], rows
              lines.add(rows[0])
              return len(lines) >= count
          # The shortest line has nothing but the percentage, which changes once in ten seconds.
          screen.wait(lambda _: looks(1 if columns < 40 else 4), "lines")
          wanted = {100: "left", 80: " of 1023.0 MiB", 60: "iB/s", 20: "%"}[columns]
          assert any(wanted in line for line in lines), lines
          screen.resize(columns + 20)
          screen.wait(lambda _: looks(len(lines) + 1), "lines on the wider screen")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `--progress is redrawn in place on a terminal`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      ours, theirs = terminal()
      client = subprocess.Popen(
          ["sockkit", "connect", "--progress", "127.0.0.1", str(listener.getsockname()[1])],
          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=theirs)
      os.close(theirs)
      connection = listener.accept()[0]
      client.stdin.write(bytes(2048))
      client.stdin.flush()
      shown = b""
      while b"sent 2.0 KiB" not in shown:
          shown += os.read(ours, 1000)
      client.stdin.close()
      received(connection)
      connection.close()
      shown += until_eio(ours)
      say(client.wait(20), shown.startswith(b"\\r\\x1b[Ksockkit: "), shown.endswith(b"/s\\n"), shown.count(b"\\n"))
      """)
    #expect(result == Finished(.exit(0), output: "0 True True 1\n"))
  }
}
