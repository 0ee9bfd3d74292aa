// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sockets
import Synchronization
import TestSupport
import Testing

struct AccessControlTests {
  private static let peer = Address.internet(.ipv4([192, 0, 2, 7]), port: 4000)

  private static func control(
    allow: [String] = [], deny: [String] = [], allowFiles: [String] = [], denyFiles: [String] = []
  ) throws -> AccessControl {
    var sources = AccessSources()
    sources.allowed = allow.compactMap { Network($0) }
    sources.denied = deny.compactMap { Network($0) }
    sources.allowedFiles = allowFiles
    sources.deniedFiles = denyFiles
    return try AccessControl(sources)
  }

  @Test func `what files say is added to what the command line says, and deny wins`() throws {
    let directory = try TemporaryDirectory()
    let mine = try directory.write("192.0.2.7\n", to: "mine")
    let others = try directory.write("198.51.100.0/24\n", to: "others")
    let table: [(AccessControl, Bool)] = [
      (try Self.control(allowFiles: [mine]), true), (try Self.control(allowFiles: [others]), false),
      (try Self.control(allowFiles: [others, mine]), true),
      (try Self.control(allow: ["192.0.2.0/24"], allowFiles: [others]), true),
      (try Self.control(denyFiles: [mine]), false), (try Self.control(denyFiles: [others]), true),
      (try Self.control(allowFiles: [mine], denyFiles: [mine]), false),
      (try Self.control(allow: ["192.0.2.7"], denyFiles: [mine]), false),
      (try Self.control(deny: ["192.0.2.7"], allowFiles: [mine]), false),
    ]
    for (index, (control, isAdmitted)) in table.enumerated() {
      #expect(control.admits(Self.peer) == isAdmitted, "row \(index)")
      let mapped = try #require(IPAddress("::ffff:192.0.2.7"))
      #expect(control.admits(.internet(mapped, port: 1)) == isAdmitted, "row \(index)")
    }
  }

  @Test func `an empty file of those who may lets nobody in, one of those who may not everybody`() throws {
    let directory = try TemporaryDirectory()
    let empty = try directory.write("# nothing\n", to: "empty")
    #expect(try !Self.control(allowFiles: [empty]).admits(Self.peer))
    #expect(try Self.control(denyFiles: [empty]).admits(Self.peer))
  }

  @Test func `what cannot be read is no input`() throws {
    let directory = try TemporaryDirectory()
    for (path, reason) in [
      (directory.file("missing"), "No such file or directory"), (directory.path, "Is a directory"),
      ("/dev/null", "not a regular file, so SIGHUP could not reload it"),
    ] {
      #expect(throws: Failure(.noInput, "read \(path): \(reason)")) {
        try Self.control(denyFiles: [path])
      }
    }
  }

  @Test func `SIGHUP has files read again, and a wrong one changes nothing`() throws {
    let directory = try TemporaryDirectory()
    let allowed = try directory.write("192.0.2.7\n", to: "allowed")
    let denied = try directory.write("", to: "denied")
    let control = try Self.control(allowFiles: [allowed], denyFiles: [denied])
    let told = Guarded<[String]>([])
    let policy = AccessPolicy(control) { event in told.withLock { $0.append("\(event)") } }
    #expect(!policy.heed(SIGTERM))

    _ = try directory.write("192.0.2.7\n", to: "denied")
    #expect(control.admits(Self.peer), "nothing is read before the signal")
    #expect(policy.heed(SIGHUP) && !control.admits(Self.peer))

    // Neither list is replaced, not even the valid one.
    _ = try directory.write("", to: "denied")
    _ = try directory.write("192.0.2.7\nnonsense\n", to: "allowed")
    #expect(policy.heed(SIGHUP) && !control.admits(Self.peer))

    _ = try directory.write("192.0.2.0/24\n", to: "allowed")
    #expect(policy.heed(SIGHUP) && control.admits(Self.peer))
    let events = told.withLock { $0 }
    #expect(events.map { $0.hasPrefix("accessReread") } == [true, false, true], "\(events)")
    #expect(events[1].contains("/allowed, line 2: "), "\(events)")
  }

  @Test func `SIGHUP means something else where there is no file`() throws {
    let policy = AccessPolicy(try Self.control(allow: ["192.0.2.7"])) { _ in }
    #expect(!policy.heed(SIGHUP))
  }
}
