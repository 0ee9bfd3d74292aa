// SPDX-License-Identifier: GPL-3.0-or-later

import SocketTestSupport
import Sockets
import Synchronization
import SystemPackage
import Testing

/// A server on an abstract Unix socket that serves one client in a thread.
final class OneClientServer: Sendable {
  private let listener: Listener
  private let received = Guarded("")
  private let end: EventCounter

  /// Starts the server, which sends a text, half-closes, and receives until end-of-stream.
  init(sending text: String) throws {
    listener = try Listener.unique()
    end = try EventCounter()
    try Thread.start { [self] in
      do {
        let socket = try accept()
        _ = try Transfer.send(to: socket.descriptor, from: Array(text.utf8).span)
        try socket.shutdownSending()
        while let piece = try Self.receive(from: socket) { received.withLock { $0 += piece } }
        try socket.setCloseRule(.orderly)
      } catch {
        Issue.record(error)
      }
      end.signal()
    }
  }

  /// The endpoint of the server.
  var endpoint: Endpoint {
    guard case .abstract(let name) = listener.local else { preconditionFailure("the listener has a name") }
    return .unix("@\(name)")
  }

  /// Waits until the client has ended.
  ///
  /// - Returns: The text that the client has sent.
  func finish() throws -> String {
    #expect(try !end.descriptor.wait(for: .readable, until: .after(.seconds(30))).isEmpty)
    return received.withLock { $0 }
  }

  private func accept() throws -> StreamSocket {
    #expect(try !listener.descriptor.wait(for: .readable, until: .after(.seconds(30))).isEmpty)
    return try listener.acceptWaiting()
  }

  private static func receive(from socket: borrowing StreamSocket) throws -> String? {
    var storage = [UInt8](repeating: 0, count: 4096)
    while true {
      #expect(try !socket.descriptor.wait(for: .readable, until: .after(.seconds(30))).isEmpty)
      var buffer = storage.mutableSpan
      switch try Transfer.receive(from: socket.descriptor, into: &buffer) {
      case .moved(let count): return String(decoding: storage.prefix(count), as: UTF8.self)
      case .wouldBlock: continue
      case .endOfStream: return nil
      }
    }
  }
}
