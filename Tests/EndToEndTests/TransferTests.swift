// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct TransferTests {
  @Test func `64 MiB of random bytes go each way at the same time, unchanged`() async throws {
    let directory = try TemporaryDirectory()
    let there = try await directory.writeRandom(mebibytes: 64, to: "there")
    let back = try await directory.writeRandom(mebibytes: 64, to: "back")
    let server = RunningProgram.sockkit(
      "listen", "-v", "127.0.0.1", "0", input: .file(back), output: .file(directory.file("arrived there")),
      limit: 60)
    let port = try await server.announcedPort()
    let client = try await sockkit(
      "connect", "127.0.0.1:\(port)", input: .file(there), output: .file(directory.file("arrived back")),
      limit: 60)
    #expect(client == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
    let digests = try await directory.digests("there", "arrived there", "back", "arrived back")
    #expect(digests[0] == digests[1])
    #expect(digests[2] == digests[3])
  }

  @Test(arguments: [[], [0x41]], [[], [0x0A]])
  func `empty streams and single bytes pass`(there: [UInt8], back: [UInt8]) async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .bytes(back))
    let client = try await sockkit("connect", "127.0.0.1:\(server.announcedPort())", input: .bytes(there))
    #expect(client == Finished(.exit(0), output: back))
    let end = try await server.finished()
    #expect(end.ending == .exit(0))
    #expect(end.output == there)
  }

  @Test func `every byte value passes, and no line end is touched`() async throws {
    let bytes = (0...255).map { UInt8($0) } + Array("a\r\nb\nc\r\0\u{4}".utf8)
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .bytes(bytes.reversed()))
    let client = try await sockkit("connect", "127.0.0.1:\(server.announcedPort())", input: .bytes(bytes))
    #expect(client == Finished(.exit(0), output: bytes.reversed()))
    #expect(try await server.finished().output == bytes)
  }

  @Test func `64 MiB pass through pipes, too`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram(
      .shell("sockkit listen -v 127.0.0.1 0 < /dev/null | sha256sum | cut -c -64"), limit: 60)
    let port = try await server.announcedPort()
    let client = try await shell(
      "head -c 67108864 /dev/urandom | tee $2 | sockkit connect 127.0.0.1 $1", "\(port)",
      directory.file("copy"))
    #expect(client == Finished(.exit(0)))
    let arrived = try await server.finished().text
    #expect(arrived == (try await directory.digests("copy")[0] + "\n"))
  }

  @Test(arguments: ["connect", "listen"])
  func `a slow reader gets everything`(role: String) async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 6, to: "file")
    let slow = """
      import hashlib, os
      digest = hashlib.sha256()
      while part := os.read(0, 700):
          digest.update(part)
      print(digest.hexdigest())
      """
    let reading = "sockkit \(role) -v \"$@\" < /dev/null | python3 -c '\(slow)'"
    let digest: String
    if role == "listen" {
      let server = RunningProgram(.shell(reading, ["127.0.0.1", "0"]))
      #expect(
        try await sockkit("connect", "127.0.0.1:\(server.announcedPort())", input: .file(file))
          == Finished(.exit(0)))
      digest = try await server.finished().text
    } else {
      let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file(file))
      digest = try await shell(reading, "127.0.0.1", "\(server.announcedPort())").text
      #expect(try await server.finished().ending == .exit(0))
    }
    #expect(digest == (try await directory.digests("file")[0] + "\n"))
  }

  @Test(arguments: ["pipe", "socket"])
  func `memory stays constant however much passes and however slow a side is`(medium: String) async throws {
    let result = try await python(
      """
      def peak():
          with open(f"/proc/{client.pid}/status") as status:
              return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
      listener = socket.create_server(("127.0.0.1", 0))
      if arguments[0] == "pipe":
          ours, theirs = os.pipe()
      else:
          ours, theirs = (end.detach() for end in socket.socketpair())
          os.set_blocking(ours, True)
          os.set_blocking(theirs, True)
      client = subprocess.Popen(
          ["sockkit", "connect", "127.0.0.1", str(listener.getsockname()[1])], stdin=subprocess.DEVNULL, stdout=theirs)
      os.close(theirs)
      connection = listener.accept()[0]
      connection.sendall(b"x")
      assert os.read(ours, 1) == b"x"
      before = peak()
      connection.setblocking(False)
      sent = 0
      # Until nothing moves: every buffer on the way is full.
      while select.select([], [connection], [], 0.3)[1]:
          sent += connection.send(bytes(1 << 16))
      connection.setblocking(True)
      size = 128 << 20
      threading.Thread(target=lambda: connection.sendall(bytes(size))).start()
      left = sent + size
      while left > 0:
          left -= len(os.read(ours, 1 << 20))
      grown = peak() - before
      connection.close()
      say(client.wait(20), "constant" if grown < 4096 else f"{grown} KiB more")
      """, medium)
    #expect(result == Finished(.exit(0), output: "0 constant\n"))
  }
}
