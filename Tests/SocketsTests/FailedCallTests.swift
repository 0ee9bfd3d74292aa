// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
import SocketTestSupport
import Sockets
import Synchronization
import SystemPackage
import Testing

/// What becomes of calls that fail as they seldom do.
@Suite(.timeLimit(.minutes(1)))
struct FailedCallTests {
  private static let loopback = Address.internet(.loopbackIPv4, port: 0)

  private static func received(from socket: FileDescriptor) throws(Errno) -> Transfer {
    var storage = [UInt8](repeating: 0, count: 8)
    var buffer = storage.mutableSpan
    return try .receive(from: socket, into: &buffer)
  }

  // MARK: The injection itself

  @Test func `a call fails in this thread, for as long as it is said to, and is not made`() throws {
    let pair = try ConnectedPair()
    let calls = FailingCalls("send(\(pair.near.descriptor.rawValue), ", .noMemory, times: 2, after: 1)
    try calls.during { () throws in
      #expect(try Transfer.send(to: pair.near.descriptor, from: [1].span) == .moved(1))
      for _ in 0..<2 {
        #expect(throws: Errno.noMemory) { try Transfer.send(to: pair.near.descriptor, from: [2].span) }
      }
      #expect(try Transfer.send(to: pair.far.descriptor, from: [3].span) == .moved(1))
      #expect(try Transfer.send(to: pair.near.descriptor, from: [4].span) == .moved(1))
    }
    #expect(calls.count == 2)
    #expect(try Self.received(from: pair.far.descriptor) == .moved(2))
  }

  @Test func `another thread's calls are made, and after the end every call`() throws {
    let pair = try ConnectedPair()
    let descriptor = pair.near.descriptor
    let calls = FailingCalls("send(\(descriptor.rawValue), ", .noMemory, times: .max)
    let isSent = try EventCounter()
    let result = Guarded<Transfer?>(nil)
    try calls.during {
      try Thread.start {
        let transfer = try? Transfer.send(to: descriptor, from: [1].span)
        result.withLock { $0 = transfer }
        isSent.signal()
      }
      #expect(try !isSent.descriptor.wait(for: .readable, until: .after(.seconds(30))).isEmpty)
    }
    #expect(result.withLock { $0 } == .moved(1))
    #expect(try Transfer.send(to: descriptor, from: [1].span) == .moved(1))
    #expect(calls.count == 0)
  }

  @Test func `what is injected inside something else holds until its own end`() throws {
    let pair = try ConnectedPair()
    let descriptor = pair.near.descriptor
    let (outer, inner) = (FailingCalls("send", .ioError, times: 9), FailingCalls("send", .noMemory, times: 9))
    try outer.during {
      try inner.during {
        #expect(throws: Errno.noMemory) { try Transfer.send(to: descriptor, from: [1].span) }
      }
      #expect(throws: Errno.ioError) { try Transfer.send(to: descriptor, from: [1].span) }
    }
  }

  // MARK: Every call

  @Test func `a call that a signal interrupts is made again`() throws {
    let pair = try ConnectedPair()
    _ = try Transfer.send(to: pair.far.descriptor, from: [1, 2].span)
    let calls = FailingCalls("recv(\(pair.near.descriptor.rawValue), ", .interrupted, times: 3)
    #expect(try calls.during { try Self.received(from: pair.near.descriptor) } == .moved(2))
    #expect(calls.count == 3)
  }

  @Test func `a descriptor is closed once, though a signal interrupts it`() throws {
    // A number that is closed a second time may be another's by then.
    let calls = FailingCalls("close(", .interrupted)
    try calls.during {
      _ = try Descriptor.opened("/dev/null")
    }
    #expect(calls.count == 1)
  }

  // MARK: Streams

  @Test func `would-block is a value, and anything else an error`() throws {
    let pair = try ConnectedPair()
    let descriptor = pair.near.descriptor
    let blocked = FailingCalls("recv(\(descriptor.rawValue), ", .wouldBlock)
    #expect(try blocked.during { try Self.received(from: descriptor) } == .wouldBlock)
    for code in [Errno.connectionReset, .ioError, .noMemory] {
      let calls = FailingCalls("recv(\(descriptor.rawValue), ", code)
      #expect(throws: code) { try calls.during { try Self.received(from: descriptor) } }
    }
  }

  @Test(arguments: [
    Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory, .connectionAbort, .notPermitted,
  ])
  func `an accept that fails names the listener, and takes no client away`(code: Errno) throws {
    let listener = try Listener.unique()
    let client = try Connector().connect(to: [listener.local])
    let calls = FailingCalls("accept(\(listener.descriptor.rawValue))", code)
    try calls.during {
      #expect(throws: IOFailure(.accept(listener.local), code)) { _ = try listener.accept() }
    }
    #expect(try listener.acceptWaiting().descriptor.rawValue >= 0)
    withExtendedLifetime(client.descriptor) {}
  }

  @Test func `an option that cannot be set is named with its value`() throws {
    let pair = try ConnectedPair()
    let calls = FailingCalls("setsockopt(\(pair.near.descriptor.rawValue), ", .notPermitted)
    let error = #expect(throws: IOFailure.self) {
      try calls.during { try SocketOption.broadcast.set(1, on: pair.near.descriptor) }
    }
    #expect(error?.description == "set broadcast to 1: Operation not permitted")
  }

  // MARK: Connecting

  @Test(arguments: [
    Errno.networkUnreachable, .noRouteToHost, .addressNotAvailable, .timedOut, .permissionDenied,
    .noBufferSpace,
  ])
  func `an address that cannot be connected to gives way to the next`(code: Errno) throws {
    let listener = try Listener.open(on: Self.loopback)
    let failures = Guarded<[IOFailure]>([])
    var connector = Connector()
    connector.attemptFailed = { failure in failures.withLock { $0.append(failure) } }
    let first = Address.internet(.ipv4([127, 0, 0, 2]), port: listener.local.port ?? 0)
    let calls = FailingCalls("connect(", code)
    let socket = try calls.during {
      try connector.connect(to: [first, listener.local], until: .after(.seconds(30)))
    }
    #expect(socket.remote == listener.local && calls.count == 1)
    #expect(failures.withLock { $0 } == [IOFailure(.connect(first), code)])
  }

  @Test func `where there is no descriptor for a socket the reason is reported`() throws {
    let listener = try Listener.open(on: Self.loopback)
    let calls = FailingCalls("socket(", .tooManyOpenFiles, times: .max)
    #expect(throws: ConnectionError.failed(IOFailure(.create("ipv4 socket"), .tooManyOpenFiles))) {
      _ = try calls.during { try Connector().connect(to: [listener.local]) }
    }
  }

  // MARK: Datagrams

  @Test(arguments: [Errno.noBufferSpace, .noMemory, .wouldBlock])
  func `datagrams for which there is no room are not lost`(code: Errno) throws {
    let receiver = try DatagramSocket.bound(to: Self.loopback)
    let sender = try DatagramSocket.sending(to: receiver.local)
    let batch = try DatagramBatch(over: .ipv4)
    let nothing: [UInt8] = []
    for number in 0..<3 { try batch.append([UInt8(number)].span, nothing.span) }
    let calls = FailingCalls("sendmmsg(", code)
    try calls.during { () throws in
      #expect(try sender.send(batch, from: 0, count: 3) == 0)
      #expect(try sender.send(batch, from: 0, count: 3) == 3)
    }
    #expect(calls.count == 1)
  }

  @Test func `a refused datagram names its destination`() throws {
    let receiver = try DatagramSocket.bound(to: Self.loopback)
    let sender = try DatagramSocket.sending(to: receiver.local)
    let batch = try DatagramBatch(over: .ipv4)
    let nothing: [UInt8] = []
    try batch.append([1].span, nothing.span)
    let calls = FailingCalls("sendmmsg(", .notPermitted)
    #expect(throws: IOFailure(.sendDatagram(to: receiver.local), .notPermitted)) {
      try calls.during { try sender.send(batch, from: 0, count: 1) }
    }
  }

  // MARK: Files

  @Test func `a file that cannot be written is named, and what a signal interrupts is written whole`() throws
  {
    let path = "/tmp/sockkit-\(getpid())-failed-write"
    let file = try OutputFile(path, existing: .replaced)
    defer { unsafe unlink(path) }
    let interrupted = FailingCalls("write(", .interrupted, times: 2)
    try interrupted.during { try file.write([1, 2, 3].span) }
    #expect(interrupted.count == 2)
    let broken = FailingCalls("write(", .ioError)
    #expect(throws: IOFailure(.write(path), .ioError)) {
      try broken.during { try file.write([4].span) }
    }
    let closing = FailingCalls("close(", .noSpace)
    #expect(throws: IOFailure(.write(path), .noSpace)) {
      try closing.during { try file.close() }
    }
  }
}
