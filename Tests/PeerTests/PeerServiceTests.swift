// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Services as other programs see them, by every server model.
@Suite(.takingTurns)
struct PeerServiceTests {
  @Test(arguments: ServedModel.models, Peer.allCases)
  func `a file is echoed unchanged`(model: String, peer: Peer) async throws {
    let server = ServedModel(service: .echo, model: model).start()
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 4, to: "sent")
    let client = RunningProgram(
      try peer.client(of: try await server.announcedPort()), input: .file(file),
      output: .file(directory.file("received")))
    let end = try await client.finished()
    #expect(end.ending == .exit(0), "\(end)")
    let digests = try await directory.digests("sent", "received")
    #expect(digests[0] == digests[1])
  }

  @Test(arguments: ServedModel.models, Peer.allCases)
  func `raw requests are calculated`(model: String, peer: Peer) async throws {
    let server = ServedModel(service: .calculator, model: model).start()
    let request: [UInt8] = [1, 0x69, 0, 0, 0, 1, 20, 0x69, 0, 0, 0, 1, 22]
    let client = RunningProgram(
      try peer.client(of: try await server.announcedPort()), input: .bytes(request + request + [0]))
    let answer: [UInt8] = [0, 0x69, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 42]
    #expect(try await client.finished() == Finished(.exit(0), output: answer + answer))
  }

  @Test(arguments: ServedModel.models, Peer.allCases)
  func `a request by hand is answered`(model: String, peer: Peer) async throws {
    let server = ServedModel(service: .web, model: model).start()
    let request = "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    let client = RunningProgram(
      try peer.client(of: try await server.announcedPort()), input: .bytes(Array(request.utf8)))
    let end = try await client.finished()
    #expect(end.ending == .exit(0) && end.text.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(end)")
    #expect(end.text.hasSuffix("\r\n\r\nwell"), "\(end)")
  }

  // MARK: curl

  private func curl(_ arguments: String...) async throws -> Finished {
    let program = try Program.other(
      "curl", package: "curl", ["--silent", "--show-error", "--noproxy", "*"] + arguments)
    return try await RunningProgram(program, input: .file("/dev/null")).finished()
  }

  @Test(arguments: ServedModel.models)
  func `curl asks a thousand times on one connection`(model: String) async throws {
    let server = ServedModel(service: .web, model: model).start()
    let port = try await server.announcedPort()
    let end = try await curl("--write-out", "%{num_connects}", "http://127.0.0.1:\(port)/[1-1000]")
    #expect(end == Finished(.exit(0), output: "well1" + String(repeating: "well0", count: 999)))
    server.signal(SIGTERM)
    let log = try await server.finished()
    #expect(log.errorLines.count { $0.contains(" GET /") && $0.contains(": 200, 4 bytes in ") } == 1000)
    #expect(log.errorLines.count { $0.contains("accepted ") } == 1)
  }

  @Test(arguments: ServedModel.models)
  func `curl takes parts, goes on where it stopped, and fetches what is newer`(model: String) async throws {
    let site = try TemporaryDirectory()
    let file = try await site.writeRandom(mebibytes: 1, to: "file.bin")
    let server = RunningProgram.sockkit(
      "http-server", "-v", "--model", model, "--root", site.path, "127.0.0.1:0", limit: 60)
    let address = "http://127.0.0.1:\(try await server.announcedPort())/file.bin"
    let whole = try site.read("file.bin")
    #expect(
      try await curl("--range", "1000-1999", address) == Finished(.exit(0), output: Array(whole[1000..<2000]))
    )
    #expect(try await curl("--range", "-5", address) == Finished(.exit(0), output: Array(whole.suffix(5))))
    let parts = try await curl("--include", "--range", "0-9,100-109", address)
    #expect(parts.output.starts(with: Array("HTTP/1.1 206 ".utf8)), "\(parts)")
    _ = try site.write(Array(whole.prefix(70_000)), to: "rest")
    #expect(
      try await curl("--continue-at", "-", "--output", site.file("rest"), address).ending == .exit(0))
    #expect(try site.read("rest") == whole)
    let code = ["--output", "/dev/null", "--write-out", "%{http_code}"]
    let etags = site.file("etags")
    #expect(try await curl("--output", "/dev/null", "--etag-save", etags, address).ending == .exit(0))
    #expect(
      try await curl(code[0], code[1], code[2], code[3], "--etag-compare", etags, address).text == "304")
    #expect(try await curl(code[0], code[1], code[2], code[3], "--time-cond", file, address).text == "304")
    #expect(try await curl(code[0], code[1], code[2], code[3], "--head", address).text == "200")
    #expect(try await curl(code[0], code[1], code[2], code[3], address + "x").text == "404")
    #expect(try await curl("--data", "body", code[0], code[1], code[2], code[3], address).text == "405")
  }

  @Test(arguments: ServedModel.models)
  func `curl is served over IPv6 and over a Unix socket`(model: String) async throws {
    let served = ServedModel(service: .web, model: model)
    let server = served.start(at: "[::1]:0")
    #expect(
      try await curl("http://[::1]:\(try await server.announcedPort())/")
        == Finished(.exit(0), output: "well"))
    let directory = try TemporaryDirectory()
    let unix = served.start(at: "unix:" + directory.file("socket"))
    try await unix.errorLine(containing: "listening on ")
    #expect(
      try await curl("--unix-socket", directory.file("socket"), "http://here/")
        == Finished(.exit(0), output: "well"))
  }
}
