// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `buffers` reports the kernel's figures, which Python reads too.
@Suite(.takingTurns)
struct BuffersTests {
  private struct Record: Decodable {
    struct Buffer: Decodable, Equatable {
      let requested: Int?
      let `default`: Int
      let effective: Int
      let effectiveAfter: Int?
      let maximum: Int
      let autotuningMaximum: Int?
    }
    let transport: String
    let sendBuffer: Buffer
    let receiveBuffer: Buffer
    let bytesTaken: Int
    let writes: Int
    let bytesInSender: Int
    let bytesInReceiver: Int
    let datagrams: Int?
    let kept: Int?
    let dropped: Int?
  }

  private static func records(_ result: Finished) throws -> [Record] {
    try result.text.split(separator: "\n").map {
      try JSONDecoder().decode(Record.self, from: Data($0.utf8))
    }
  }

  private static func record(_ arguments: String...) async throws -> Record {
    let result = try await sockkit(["buffers", "--json"] + arguments)
    #expect(result.ending == .exit(0), "\(result)")
    #expect(result.errors.isEmpty, "\(result)")
    let records = try records(result)
    try #require(records.count == 1, "\(result)")
    return records[0]
  }

  /// The numbers of a kernel parameter, read from its file.
  private static func parameter(_ path: String) throws -> [Int] {
    try String(contentsOfFile: "/proc/sys/net/" + path, encoding: .utf8).split(whereSeparator: \.isWhitespace)
      .compactMap { Int($0) }
  }

  /// The sizes of a socket's two buffers as Python reads them, after setting the requested sizes, if any.
  private static func sizes(_ transport: String, _ requested: String...) async throws -> [Int] {
    let result = try await RunningProgram(
      try .python(
        """
        kinds = {"tcp": (socket.AF_INET, socket.SOCK_STREAM), "unix": (socket.AF_UNIX, socket.SOCK_STREAM),
                 "udp": (socket.AF_INET, socket.SOCK_DGRAM)}
        asked = socket.socket(*kinds[arguments[0]])
        options = socket.SO_SNDBUF, socket.SO_RCVBUF
        for option, size in zip(options, arguments[1:]):
            asked.setsockopt(socket.SOL_SOCKET, option, int(size))
        say(*(asked.getsockopt(socket.SOL_SOCKET, option) for option in options))
        """, [transport] + requested)
    ).finished()
    try #require(result.ending == .exit(0), "\(result)")
    return result.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
  }

  // MARK: Figures

  @Test(arguments: ["tcp", "unix", "udp"])
  func `the figures are those of getsockopt and of the kernel's parameters`(transport: String) async throws {
    let record = try await Self.record("--\(transport)")
    #expect(record.transport == transport)
    #expect(
      try await [record.sendBuffer.default, record.receiveBuffer.default] == Self.sizes(transport))
    #expect(try [record.sendBuffer.maximum] == Self.parameter("core/wmem_max"))
    #expect(try [record.receiveBuffer.maximum] == Self.parameter("core/rmem_max"))
    #expect(record.sendBuffer.requested == nil && record.receiveBuffer.requested == nil)
    guard transport == "tcp" else {
      #expect(record.sendBuffer.effective == record.sendBuffer.default)
      #expect(record.receiveBuffer.effective == record.receiveBuffer.default)
      #expect(record.sendBuffer.effectiveAfter == nil && record.sendBuffer.autotuningMaximum == nil)
      return
    }
    #expect(try record.sendBuffer.autotuningMaximum == Self.parameter("ipv4/tcp_wmem").last)
    #expect(try record.receiveBuffer.autotuningMaximum == Self.parameter("ipv4/tcp_rmem").last)
    let after = try #require(record.sendBuffer.effectiveAfter)
    #expect(after >= record.sendBuffer.effective && record.sendBuffer.effective >= record.sendBuffer.default)
  }

  @Test(arguments: ["tcp", "unix", "udp"])
  func `sizes that are asked for are doubled, as Python sees it too`(transport: String) async throws {
    let record = try await Self.record(
      "--\(transport)", "--send-buffer", "8K", "--receive-buffer", "12KiB")
    #expect(record.sendBuffer.requested == 8192 && record.receiveBuffer.requested == 12_288)
    #expect(record.sendBuffer.effective == 16_384 && record.receiveBuffer.effective == 24_576)
    #expect(
      try await [record.sendBuffer.effective, record.receiveBuffer.effective]
        == Self.sizes(transport, "8192", "12288"))
    #expect(record.sendBuffer.effectiveAfter == (transport == "tcp" ? 16_384 : nil))
  }

  @Test func `a Unix socket takes as much from sockkit as from Python`() async throws {
    let record = try await Self.record("--unix", "--send-buffer", "64K")
    let result = try await python(
      """
      writer, reader = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
      writer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
      writer.setblocking(False)
      taken = 0
      for size in 65536, 4096, 256, 16, 1:
          try:
              while True:
                  taken += writer.send(bytes(size))
          except BlockingIOError:
              pass
      say(taken)
      """)
    #expect(result.text == "\(record.bytesTaken)\n", "\(result)")
  }

  @Test func `what TCP took lies in the two buffers`() async throws {
    let record = try await Self.record()
    #expect(record.transport == "tcp")
    #expect(record.bytesInSender + record.bytesInReceiver == record.bytesTaken)
    #expect(record.bytesTaken > record.writes)
    #expect(record.datagrams == nil && record.kept == nil && record.dropped == nil)
  }

  @Test func `datagrams are kept or dropped`() async throws {
    let record = try await Self.record("--udp", "--receive-buffer", "8K")
    let sent = try #require(record.datagrams)
    let kept = try #require(record.kept)
    let dropped = try #require(record.dropped)
    #expect(kept > 0 && dropped > 0 && kept + dropped == sent)
    #expect(record.writes == sent)
    #expect(record.bytesInReceiver * sent == record.bytesTaken * kept)
  }

  @Test func `parameters that cannot be read are found out or left out`() async throws {
    let paths = ["core/wmem_max", "core/rmem_max", "ipv4/tcp_wmem", "ipv4/tcp_rmem"]
    let hiding = ["-f", "-o", "/dev/null", "-e", "inject=openat:error=EACCES"]
    let strace = hiding + paths.flatMap { ["-P", "/proc/sys/net/" + $0] } + ["sockkit", "buffers"]
    let result = try await RunningProgram(
      try .other("strace", package: "strace", strace + ["--json"]), input: .file("/dev/null")
    ).finished()
    #expect(result.ending == .exit(0), "\(result)")
    let record = try #require(try Self.records(result).first)
    #expect(try [record.sendBuffer.maximum] == Self.parameter("core/wmem_max"))
    #expect(try [record.receiveBuffer.maximum] == Self.parameter("core/rmem_max"))
    #expect(record.sendBuffer.autotuningMaximum == nil && record.receiveBuffer.autotuningMaximum == nil)
    let text = try await RunningProgram(
      try .other("strace", package: "strace", strace), input: .file("/dev/null")
    ).finished()
    for name in ["net.core.wmem_max", "net.core.rmem_max"] {
      #expect(Self.words(text).contains("(found by asking for more: \(name) cannot be read here)"), "\(text)")
    }
    for name in ["net.ipv4.tcp_wmem", "net.ipv4.tcp_rmem"] {
      #expect(Self.words(text).contains("to a limit that cannot be read here (\(name))"), "\(text)")
    }
  }

  // MARK: Text

  /// Standard output without its line breaks.
  private static func words(_ result: Finished) -> String {
    result.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test(arguments: [
    ("tcp", ["(FIONREAD)", "(SIOCOUTQ)", "EAGAIN", "before connect() or listen()", "net.ipv4.tcp_rmem"]),
    ("unix", ["(FIONREAD)", "EAGAIN", "charged to the sender's buffer", "net.core.wmem_max"]),
    ("udp", ["never waited", "silently dropped", "SO_MEMINFO", "net.core.rmem_max"]),
  ])
  func `three questions are answered on one screen`(transport: String, parts: [String]) async throws {
    let result = try await sockkit("buffers", "--\(transport)")
    #expect(result.ending == .exit(0) && result.errors.isEmpty, "\(result)")
    let lines = result.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 24 && lines.allSatisfy { $0.count < 80 }, "\(result)")
    let questions = [
      "1. What happens when the receiver does not read?", "2. How is the buffering changed?",
      "3. How large can it get?",
    ]
    #expect(lines.filter { $0.hasSuffix("?") }.map(String.init) == questions)
    for part in parts { #expect(Self.words(result).contains(part), "\(part) \(result)") }
  }

  @Test func `what the kernel made of a size is said`() async throws {
    let maximum = try #require(try Self.parameter("core/wmem_max").first)
    let result = try await sockkit(
      "buffers", "--unix", "--send-buffer", "\(maximum + 1)", "--receive-buffer", "1")
    let text = Self.words(result)
    #expect(
      text.contains(
        "A send buffer of \(maximum + 1) was asked for, and \(maximum * 2) given: "
          + "cut to the maximum of \(maximum), and doubled."), "\(result)")
    #expect(text.contains("A receive buffer of 1 was asked for, and "), "\(result)")
    #expect(text.contains(" given: the minimum."), "\(result)")
    let doubled = try await sockkit("buffers", "--udp", "--receive-buffer", "64K")
    #expect(
      Self.words(doubled).contains(
        "A receive buffer of 65536 was asked for, and 131072 given: Linux doubles it"), "\(doubled)")
  }

  @Test func `-v shows the sizes that the kernel really set`() async throws {
    let result = try await sockkit("buffers", "--unix", "-v", "--send-buffer", "64K", "--json")
    #expect(result.errorLines == ["sockkit: send-buffer is 131072"], "\(result)")
  }

  // MARK: Sweeping

  private static func doubling(to maximum: Int) -> [Int] {
    Array(sequence(first: 4096) { $0 * 2 }.prefix { $0 < maximum }) + [maximum]
  }

  private static func largestMaximum() throws -> Int {
    try max(parameter("core/wmem_max")[0], parameter("core/rmem_max")[0])
  }

  @Test(arguments: ["tcp", "unix", "udp"])
  func `a sweep doubles to the maximum, and the bars grow`(transport: String) async throws {
    let result = try await sockkit("buffers", "--\(transport)", "--sweep", limit: 60)
    #expect(result.ending == .exit(0) && result.errors.isEmpty, "\(result)")
    let lines = result.text.split(separator: "\n").map(String.init)
    #expect(lines[0].hasSuffix(transport == "udp" ? "bytes kept" : "bytes taken"))
    #expect(lines.allSatisfy { $0.count < 80 }, "\(result)")
    let rows = lines.dropFirst().map { $0.split(separator: " ") }
    #expect(rows.allSatisfy { $0.count == 5 && $0[4].allSatisfy { $0 == "#" } }, "\(result)")
    #expect(try rows.map { Int($0[0]) } == Self.doubling(to: Self.largestMaximum()))
    // Beyond the smaller of the two limits only one of the buffers grows.
    let both = try min(Self.parameter("core/wmem_max")[0], Self.parameter("core/rmem_max")[0])
    let growing = rows.prefix { Int($0[0]) ?? 0 <= both }
    let taken = growing.compactMap { Int($0[3]) }
    #expect(taken == taken.sorted() && Set(taken).count == growing.count, "\(result)")
    let bars = growing.map { $0[4].count }
    #expect(bars == bars.sorted() && bars[0] < bars[bars.count - 1], "\(result)")
    #expect(lines.map(\.count).max() == 79)
  }

  @Test func `a sweep as JSON is one object for each size`() async throws {
    let result = try await sockkit("buffers", "--unix", "--sweep", "--json", limit: 60)
    #expect(result.ending == .exit(0) && result.errors.isEmpty, "\(result)")
    let records = try Self.records(result)
    let sizes = try Self.doubling(to: Self.largestMaximum())
    #expect(records.map(\.sendBuffer.requested) == sizes)
    #expect(records.map(\.receiveBuffer.requested) == sizes)
    for record in records {
      #expect(
        record.sendBuffer.effective == min(record.sendBuffer.requested ?? 0, record.sendBuffer.maximum) * 2)
    }
  }

  // MARK: Errors and tracing

  @Test(arguments: [
    ("--tcp --udp", "--tcp and --udp exclude each other"),
    ("--udp --unix", "--unix and --udp exclude each other"),
    ("--sweep --send-buffer 4K", "--sweep chooses the sizes itself: it excludes --send-buffer"),
    ("--receive-buffer 4K --sweep", "--sweep chooses the sizes itself: it excludes --receive-buffer"),
    ("127.0.0.1", "one word too many: '127.0.0.1'"),
    ("--swep", "unknown option '--swep' (did you mean '--sweep'?)"),
  ])
  func `flags that do not fit together are refused`(line: String, message: String) async throws {
    #expect(
      try await sockkit(["buffers"] + line.split(separator: " ").map(String.init))
        == .usage(message, of: "buffers"))
  }

  @Test(arguments: ["--send-buffer", "--receive-buffer"], ["", "0", "-1", "x", "2G"])
  func `a bad size is refused`(flag: String, value: String) async throws {
    let message =
      "invalid value '\(value)' for \(flag): expected a size in bytes such as 4096, 64K, 1M "
      + "or 2GiB, at least 1 and below 2G"
    #expect(try await sockkit("buffers", flag, value) == .usage(message, of: "buffers"))
  }

  @Test func `a reader that has enough ends a sweep, silently`() async throws {
    let result = try await shell(
      "{ sockkit buffers --unix --sweep --json; echo status $? >&2; } | head -1")
    #expect(result.text.hasPrefix("{") && result.text.split(separator: "\n").count == 1, "\(result)")
    #expect(result.errors == "status 141\n", "\(result)")
  }

  @Test func `a standard output that is full is status 74`() async throws {
    #expect(
      try await shell("sockkit buffers --udp > /dev/full")
        == Finished(.exit(74), errors: "sockkit: write standard output: No space left on device\n"))
  }

  @Test func `--trace shows how sizes are asked for and told, and that not one byte more is taken`()
    async throws
  {
    let result = try await sockkit(
      "buffers", "--trace", "--json", "--send-buffer", "8K", "--receive-buffer", "16K")
    #expect(result.ending == .exit(0), "\(result)")
    let calls = [
      #"^open\("/proc/sys/net/core/wmem_max", O_RDONLY\|O_CLOEXEC\) = \d+ "#,
      #"^setsockopt\(\d+, SOL_SOCKET, SO_RCVBUF, 16384\) = 0 "#, #"^listen\(\d+, 1\) = 0 "#,
      #"^setsockopt\(\d+, SOL_SOCKET, SO_SNDBUF, 8192\) = 0 "#, #"^connect\(\d+, 127\.0\.0\.1:\d+\) = "#,
      #"^getsockopt\(\d+, SOL_SOCKET, SO_SNDBUF\) = 0 \{16384\} "#,
      #"^getsockopt\(\d+, SOL_SOCKET, SO_RCVBUF\) = 0 \{32768\} "#, #"^send\(\d+, 65536\) = \d+ "#,
      #"^send\(\d+, 1\) = -1 EAGAIN \(Resource temporarily unavailable\) "#,
      #"^ioctl\(\d+, SIOCOUTQ\) = 0 \{\d+\} "#, #"^ioctl\(\d+, FIONREAD\) = 0 \{\d+\} "#,
    ]
    var rest = result.errorLines[...]
    for call in calls {
      let pattern = try Regex(call)
      let index = try #require(rest.firstIndex { $0.contains(pattern) }, "\(call) \(result)")
      rest = rest[(index + 1)...]
    }
    let sends = result.errorLines.filter { $0.hasPrefix("send(") }
    #expect(sends.count < 100, "\(result)")
    #expect(sends.last?.contains(", 1) = -1 EAGAIN") == true, "\(result)")
  }
}
