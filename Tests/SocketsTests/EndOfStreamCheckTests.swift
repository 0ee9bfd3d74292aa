// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
import SocketTestSupport
import Sockets
import SystemPackage
import Testing

/// The errors behind an end-of-stream, on real connections over loopback.
struct EndOfStreamCheckTests {
  /// Two ends of a TCP connection.
  private final class Pair {
    let near: StreamSocket
    let far: StreamSocket

    init() throws {
      let listener = try Listener.open(on: .internet(.ipv4([127, 0, 0, 1]), port: 0))
      near = try Connector().connect(to: [listener.local], until: .after(.seconds(30)))
      far = try listener.acceptWaiting()
    }

    /// The result of the next receive, once the socket is readable.
    func receive() throws -> Result<Transfer, Errno> {
      var readiness = PollSet()
      readiness.add(near.descriptor, for: .readable)
      #expect(try readiness.wait(until: .after(.seconds(30))))
      var storage = [UInt8](repeating: 0, count: 8)
      var buffer = storage.mutableSpan
      do { return .success(try Transfer.receive(from: near.descriptor, into: &buffer)) } catch {
        return .failure(error)
      }
    }

    /// Resets the connection at the far end: a `connect` to AF_UNSPEC (0) dissolves it, even if other processes hold
    /// it.
    func reset() {
      let address = [UInt8](repeating: 0, count: MemoryLayout<sockaddr>.size)
      let status = unsafe address.withUnsafeBytes { bytes in
        unsafe Glibc.connect(
          far.descriptor.rawValue, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
          socklen_t(bytes.count))
      }
      #expect(status == 0)
    }
  }

  @Test(arguments: [nil, 0])
  func `a half-close of the peer is an end`(received: Int?) throws {
    let pair = try Pair()
    try pair.far.shutdownSending()
    #expect(try pair.receive() == .success(.endOfStream))
    var check = EndOfStreamCheck()
    #expect(check.errorBehindEnd(of: pair.near.descriptor, received: received) == nil)
    #expect(check.failure == nil)
  }

  @Test(arguments: [nil, 0])
  func `an end after a reset that nobody has reported is a reset`(received: Int?) throws {
    let pair = try Pair()
    pair.reset()
    // Clears the socket's error, as an interrupted sendfile does.
    #expect(try pair.receive() == .failure(.connectionReset))
    #expect(try pair.receive() == .success(.endOfStream))
    var check = EndOfStreamCheck()
    #expect(check.errorBehindEnd(of: pair.near.descriptor, received: received) == .connectionReset)
    #expect(check.errorBehindEnd(of: pair.near.descriptor, received: received) == .connectionReset)
  }

  @Test func `an end is believed no more once a call has failed`() throws {
    let pair = try Pair()
    try pair.far.shutdownSending()
    var check = EndOfStreamCheck()
    check.note(.timedOut)
    check.note(.connectionReset)
    #expect(check.errorBehindEnd(of: pair.near.descriptor, received: 0) == .timedOut)
  }

  @Test(arguments: [nil, 0])
  func `a reset that follows the peer's end takes nothing from what was received`(received: Int?) throws {
    let pair = try Pair()
    try pair.far.shutdownSending()
    #expect(try pair.receive() == .success(.endOfStream))
    pair.reset()
    var readiness = PollSet()
    readiness.add(pair.near.descriptor, for: [])
    #expect(try readiness.wait(until: .after(.seconds(30))))
    var check = EndOfStreamCheck()
    #expect(check.errorBehindEnd(of: pair.near.descriptor, received: received) == nil)
    #expect(check.failure == .brokenPipe)
  }

  @Test func `a refused send proves no end of the peer, which is counted`() throws {
    let pair = try Pair()
    pair.reset()
    #expect(try pair.receive() == .failure(.connectionReset))
    var check = EndOfStreamCheck()
    #expect(throws: Errno.brokenPipe) { try Transfer.send(to: pair.near.descriptor, from: [1].span) }
    check.note(.brokenPipe)
    #expect(check.errorBehindEnd(of: pair.near.descriptor, received: 0) == .connectionReset)
  }

  @Test func `after our half-close the state says nothing`() throws {
    let pair = try Pair()
    try pair.near.shutdownSending()
    try pair.far.shutdownSending()
    #expect(try pair.receive() == .success(.endOfStream))
    var check = EndOfStreamCheck()
    check.didHalfClose()
    #expect(check.errorBehindEnd(of: pair.near.descriptor, received: 0) == nil)
  }
}
