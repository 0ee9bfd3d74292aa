// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.takingTurns)
struct UnixSocketTests {
  @Test(arguments: [["unix:PATH"], ["-U", "PATH"], ["unix:@NAME"], ["-U", "@NAME"]])
  func `a Unix socket is named alike on both sides`(words: [String]) async throws {
    let directory = try TemporaryDirectory()
    let name = String(directory.path.dropFirst(5))
    let words = words.map {
      $0.replacing("PATH", with: directory.file("socket")).replacing("NAME", with: name)
    }
    let server = RunningProgram(.sockkit(["listen", "-v"] + words), input: .bytes(Array("pong".utf8)))
    let place = words[words.count - 1].replacing("unix:", with: "")
    #expect(
      try await server.errorLine(containing: "listening") == "sockkit: listening on unix:\(place) (unix)")
    let client = try await sockkit(["connect"] + words, input: .bytes(Array("ping".utf8)))
    #expect(client == Finished(.exit(0), output: "pong"))
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == "ping")
    #expect(!directory.has("socket"))
  }

  @Test func `a path too long for the kernel is status 64, and nothing is made of its beginning`()
    async throws
  {
    let directory = try TemporaryDirectory()
    let path = directory.file(String(repeating: "x", count: 108))
    let reason = "longer than 107 bytes, the limit for a Unix socket path"
    for (role, verb) in [("connect", "connect"), ("listen", "bind"), ("udp-recv", "bind")] {
      #expect(
        try await sockkit(role, "unix:\(path)")
          == Finished(.exit(64), errors: "sockkit: \(verb) to unix:\(path): \(reason)\n"))
    }
    #expect(try await shell("ls -A $1", directory.path) == Finished(.exit(0)))
  }

  @Test func `the longest path the kernel takes works`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file(String(repeating: "x", count: 106 - directory.path.utf8.count))
    #expect(path.utf8.count == 107)
    let server = RunningProgram.sockkit("listen", "-v", "-U", path, input: .file("/dev/null"))
    try await server.errorLine(containing: "listening")
    #expect(try await sockkit("connect", "-U", path) == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `a file that is no socket is status 73 and stays as it is`() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("precious", to: "file")
    #expect(
      try await sockkit("listen", "unix:\(path)")
        == Finished(.exit(73), errors: "sockkit: bind to unix:\(path): the file is not a socket\n"))
    #expect(try directory.read("file") == Array("precious".utf8))
  }

  @Test func `a link to a file is status 73 and both stay`() async throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("precious", to: "file")
    _ = try await shell("ln -s file $1/link", directory.path)
    #expect(try await sockkit("listen", "-U", directory.file("link")).ending == .exit(73))
    #expect(try directory.read("link") == Array("precious".utf8))
  }

  @Test func `a socket that is in use is status 73 and does not notice`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let server = RunningProgram.sockkit("listen", "-v", "-U", path, input: .file("/dev/null"))
    try await server.errorLine(containing: "listening")
    #expect(
      try await sockkit("listen", "-U", path)
        == Finished(.exit(73), errors: "sockkit: bind to unix:\(path): Address already in use\n"))
    #expect(try await sockkit("connect", "-U", path, input: .bytes([111, 107])) == Finished(.exit(0)))
    #expect(try await server.finished().text == "ok")
  }

  @Test func `a socket that nobody has any more is replaced`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let server = RunningProgram.sockkit("listen", "-v", "-U", path)
    try await server.errorLine(containing: "listening")
    server.signal(SIGKILL)
    #expect(try await server.finished().ending == .signal(SIGKILL))
    #expect(directory.has("socket"))
    let next = RunningProgram.sockkit("listen", "-v", "-U", path, input: .file("/dev/null"))
    try await next.errorLine(containing: "listening")
    #expect(try await sockkit("connect", "-U", path) == Finished(.exit(0)))
    #expect(try await next.finished().ending == .exit(0))
    #expect(!directory.has("socket"))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `the socket file goes when a signal ends the wait for a client`(signal: Int32) async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit("listen", "-v", "-U", directory.file("socket"))
    try await server.errorLine(containing: "listening")
    #expect(directory.has("socket"))
    server.signal(signal)
    #expect(try await server.finished().ending == .signal(signal))
    #expect(!directory.has("socket"))
  }

  @Test func `the socket file goes when nobody came in time`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    #expect(
      try await sockkit("listen", "-w", "0.1", "-U", path)
        == Finished(.exit(75), errors: "sockkit: accept on unix:\(path): timed out, no client connected\n"))
    #expect(!directory.has("socket"))
  }

  @Test func `without permission for the file it is status 77`() async throws {
    let directory = try TemporaryDirectory()
    let script = """
      [ $(id -u) != 0 ] || drop="setpriv --bounding-set -dac_override,-dac_read_search"
      mkdir $1/closed && chmod 500 $1/closed && $drop sockkit listen -U $1/closed/socket
      echo $?
      python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $1/socket
      chmod 0 $1/socket && $drop sockkit connect -U $1/socket
      echo $?
      """
    let result = try await shell(script, directory.path)
    let errors =
      "sockkit: bind to unix:\(directory.path)/closed/socket: Permission denied\n"
      + "sockkit: connect to unix:\(directory.path)/socket: Permission denied\n"
    #expect(result == Finished(.exit(0), output: "77\n77\n", errors: errors))
  }

  @Test func `what is not a socket, or one of the other kind, is called that`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("x", to: "file")
    for (command, attempt) in [("connect", "connect"), ("udp-send", "send")] {
      #expect(
        try await sockkit([command, "-U", file] + (command == "connect" ? [] : ["x"]))
          == Finished(.exit(69), errors: "sockkit: \(attempt) to unix:\(file): the file is not a socket\n"))
    }
    let checked = try await sockkit("connect", "-z", "-v", "-U", file)
    #expect(
      checked.ending == .exit(69) && checked.errors.contains(" (the file is not a socket)"), "\(checked)")
    let path = directory.file("socket")
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "-U", path)
    try await receiver.errorLine(containing: "listening on ")
    #expect(
      try await sockkit("connect", "-U", path)
        == Finished(
          .exit(69),
          errors:
            "sockkit: connect to unix:\(path): the socket is of another type (stream, datagram or seqpacket)\n"
        ))
    receiver.signal(SIGTERM)
    #expect(try await receiver.finished().ending == .exit(0))
  }
}
