// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Listening sockets that another process has opened.
struct InheritedListenerTests {
  /// A copy of a descriptor as a child inherits it: in blocking mode and open across `exec`.
  private static func inherited(_ descriptor: FileDescriptor) throws -> Descriptor {
    let copy = dup(descriptor.rawValue)
    try #require(copy >= 0)
    try #require(fcntl(copy, F_SETFL, 0) == 0)
    return Descriptor(adopting: copy)
  }

  @Test func `a listener is adopted with its address, and never blocks`() throws {
    let own = try Listener.open(on: .internet(.loopbackIPv4, port: 0))
    let listener = try Listener(adopting: Self.inherited(own.descriptor))
    #expect(listener.local == own.local)
    #expect(fcntl(listener.descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    #expect(try listener.accept() == nil)
    let client = try Connector().connect(to: [listener.local])
    let socket = try listener.acceptWaiting()
    #expect(socket.remote == client.local)
  }

  @Test func `the file of a Unix socket is left to the process that made it`() throws {
    let directory = try TemporaryDirectory()
    let own = try Listener.open(on: .unix(path: directory.file("socket")))
    do {
      let listener = try Listener(adopting: Self.inherited(own.descriptor))
      #expect(listener.local == own.local)
    }
    #expect(directory.has("socket"))
    _ = try Connector().connect(to: [own.local])
  }

  @Test func `what does not listen is refused`() throws {
    let pair = try ConnectedPair()
    let pipe = try Pipe()
    for (descriptor, code) in [(pair.near.descriptor, Errno.invalidArgument), (pipe.output, .notSocket)] {
      let failure = #expect(throws: IOFailure.self) {
        _ = try Listener(adopting: Self.inherited(descriptor)).local
      }
      #expect(failure?.code == code)
    }
  }
}

/// Datagram sockets that another process has opened.
struct AdoptedReceiverTests {
  @Test func `a datagram socket is adopted with its address, and its file is left`() throws {
    let directory = try TemporaryDirectory()
    let own = try DatagramSocket.bound(to: .unix(path: directory.file("socket")))
    let copy = Descriptor(adopting: dup(own.descriptor.rawValue))
    do {
      let adopted = try DatagramSocket(
        adopting: copy, detail: .everything, settings: DatagramSettings())
      #expect(adopted.local == own.local)
      #expect(fcntl(adopted.descriptor.rawValue, F_GETFL) & O_NONBLOCK != 0)
      #expect(fcntl(adopted.descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    }
    #expect(directory.has("socket"))
  }

  @Test func `a socket without a port is refused`() throws {
    let failure = #expect(throws: IOFailure.self) {
      let socket = Descriptor(adopting: Glibc.socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0))
      _ = try DatagramSocket(adopting: socket, detail: .none, settings: DatagramSettings()).local
    }
    #expect(failure?.code == .invalidArgument)
  }
}
