// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing

struct UnixSocketTests {
  /// Runs a test with a path in a directory of its own, which is removed afterwards.
  private static func withPath(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/sockkit-test-XXXXXX".utf8CString)
    guard let name = unsafe mkdtemp(&template) else { throw Errno(rawValue: errno) }
    let directory = unsafe String(cString: name)
    defer { unsafe rmdir(directory) }
    try body("\(directory)/s")
  }

  private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  @Test func `a socket file lives as long as its listener`() throws {
    try Self.withPath { path in
      do {
        let listener = try Listener.open(on: .unix(path: path))
        #expect(Self.exists(path) && listener.local == .unix(path: path))
        let client = try Connector().connect(to: [listener.local])
        let server = try listener.acceptWaiting()
        #expect(server.remote == .unnamed && client.remote == listener.local)
      }
      #expect(!Self.exists(path))
    }
  }

  @Test func `a live socket is refused and not disturbed`() throws {
    try Self.withPath { path in
      let address = Address.unix(path: path)
      let listener = try Listener.open(on: address)
      #expect(throws: IOFailure(.bind(address), .addressInUse)) { _ = try Listener.open(on: address) }
      #expect(try listener.hasNobodyWaiting(), "asking whether it lives must not look like a client")
      let client = try Connector().connect(to: [address])
      _ = try listener.acceptWaiting()
      withExtendedLifetime(client.descriptor) {}
    }
  }

  @Test func `a stale socket file is replaced`() throws {
    try Self.withPath { path in
      let original = try Listener.open(on: .unix(path: path + "1"))
      // A second name for the file outlives the listener, as after a crash.
      #expect(unsafe link(path + "1", path) == 0)
      hangUp(original.descriptor)
      _ = consume original
      let listener = try Listener.open(on: .unix(path: path))
      #expect(listener.local == .unix(path: path))
    }
  }

  @Test func `a socket file that another has put in its place stays`() throws {
    try Self.withPath { path in
      let address = Address.unix(path: path)
      let first = try Listener.open(on: address)
      #expect(unsafe unlink(path) == 0)
      let second = try Listener.open(on: address)
      _ = consume first
      let client = try Connector().connect(to: [address])
      _ = try second.acceptWaiting()
      withExtendedLifetime(client.descriptor) {}
      #expect(unsafe unlink(path) == 0)
      let third = try DatagramSocket.bound(to: address)
      _ = consume second
      #expect(Self.exists(path))
      #expect(unsafe unlink(path) == 0)
      let fourth = try DatagramSocket.bound(to: address)
      _ = consume third
      #expect(Self.exists(path))
      _ = consume fourth
      #expect(!Self.exists(path))
    }
  }

  @Test func `any other file is left alone`() throws {
    try Self.withPath { path in
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: .create, permissions: .ownerReadWrite)
      try file.close()
      defer { unsafe unlink(path) }
      #expect(throws: IOFailure(.bind(.unix(path: path)), .fileExists)) {
        _ = try Listener.open(on: .unix(path: path))
      }
      #expect(Self.exists(path))
    }
  }

  @Test func `a path that is too long is refused and never cut`() {
    let address = Address.unix(path: "/tmp/" + String(repeating: "x", count: 200))
    #expect(throws: IOFailure(.bind(address), .fileNameTooLong)) { _ = try Listener.open(on: address) }
    #expect(throws: ConnectionError.failed(IOFailure(.connect(address), .fileNameTooLong))) {
      _ = try Connector().connect(to: [address])
    }
  }

  @Test func `an abstract name leaves no file`() throws {
    let address = Address.abstract(name: "sockkit-test-\(getpid())")
    let listener = try Listener.open(on: address)
    #expect(listener.local == address)
    let client = try Connector().connect(to: [address])
    _ = try listener.acceptWaiting()
    withExtendedLifetime(client.descriptor) {}
  }

  @Test func `waiting for a full backlog ends with the deadline`() throws {
    let address = Address.abstract(name: "sockkit-full-\(getpid())")
    let listener = try Listener.open(on: address, backlog: 0)
    let waiting = try Connector().connect(to: [address])
    #expect(throws: ConnectionError.timedOut(address)) {
      _ = try Connector().connect(to: [address], until: .after(.milliseconds(30)))
    }
    withExtendedLifetime((waiting.descriptor, listener.descriptor)) {}
  }
}
