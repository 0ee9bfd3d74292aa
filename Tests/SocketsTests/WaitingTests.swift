// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing

struct PollSetTests {
  @Test func `a wait reports who is ready for what`() throws {
    let pair = try ConnectedPair()
    var set = PollSet()
    set.add(pair.near.descriptor, for: .writable)
    set.add(pair.far.descriptor, for: .readable)
    #expect(try set.wait(until: .after(.seconds(30))))
    #expect(set.readiness(of: pair.near.descriptor) == .writable)
    #expect(set.readiness(of: pair.far.descriptor) == [])
    #expect(set.readiness(of: FileDescriptor(rawValue: 12_345)) == [])
  }

  @Test func `a wait ends with its deadline and not before`() throws {
    let pair = try ConnectedPair()
    var set = PollSet()
    set.add(pair.near.descriptor, for: .readable)
    let deadline = Deadline.after(.milliseconds(15))
    #expect(try !set.wait(until: deadline))
    #expect(deadline.hasPassed)
  }

  @Test func `a hang-up is reported without being asked for`() throws {
    let listener = try Listener.unique()
    let near = try Connector().connect(to: [listener.local])
    let far = try listener.acceptWaiting()
    hangUp(far.descriptor)
    var set = PollSet()
    set.add(near.descriptor, for: [])
    #expect(try set.wait(until: .after(.seconds(30))))
    #expect(set.readiness(of: near.descriptor).contains(.hungUp))
  }
}

struct EventQueueTests {
  @Test func `only members that are ready are reported`() throws {
    let pair = try ConnectedPair()
    var queue = try EventQueue()
    try queue.add(pair.near.descriptor, for: .readable)
    try queue.add(pair.far.descriptor, for: .readable)
    #expect(try queue.wait(until: .now).isEmpty)
    _ = try Transfer.send(to: pair.near.descriptor, from: [1].span)
    #expect(try queue.wait(until: .after(.seconds(30))).map(\.descriptor) == [pair.far.descriptor])
  }
}

struct PipeTests {
  @Test func `a pipe grows, and anything else has no capacity`() throws {
    let pipe = try Pipe()
    #expect(Pipe.enlarge(pipe.input) >= 65_536)
    let pair = try ConnectedPair()
    #expect(Pipe.enlarge(pair.near.descriptor) == 0)
  }

  @Test func `splice carries bytes from a socket through a pipe`() throws {
    let pair = try ConnectedPair()
    let pipe = try Pipe()
    _ = try Transfer.send(to: pair.near.descriptor, from: [1, 2, 3].span)
    #expect(try Transfer.splice(from: pair.far.descriptor, to: pipe.input, count: 100) == .moved(3))
    #expect(try Transfer.splice(from: pair.far.descriptor, to: pipe.input, count: 100) == .wouldBlock)
    var storage = [UInt8](repeating: 0, count: 8)
    var buffer = storage.mutableSpan
    #expect(try Transfer.read(from: pipe.output, into: &buffer) == .moved(3))
    #expect(storage.prefix(3) == [1, 2, 3])
  }
}

struct ServiceDatabaseTests {
  @Test func `well-known services have their ports`() throws {
    unsafe try #require(
      access("/etc/services", R_OK) == 0, "the package netbase provides the services database")
    #expect(ServiceDatabase.port(of: "http") == 80)
    #expect(ServiceDatabase.port(of: "no-such-service") == nil)
  }
}

struct DescriptorKindTests {
  @Test func `descriptors are told apart`() throws {
    let pair = try ConnectedPair()
    let pipe = try Pipe()
    let null = unsafe try FileDescriptor.open("/dev/null", .readOnly)
    defer { try? null.close() }
    let file = unsafe try FileDescriptor.open("/proc/self/exe", .readOnly)
    defer { try? file.close() }
    #expect(DescriptorKind(of: pair.near.descriptor) == .socket)
    #expect(DescriptorKind(of: pipe.input) == .pipe)
    #expect(DescriptorKind(of: null) == .device)
    #expect(DescriptorKind(of: file) == .file)
    #expect(DescriptorKind(of: FileDescriptor(rawValue: -1)) == .opaque)
  }
}
