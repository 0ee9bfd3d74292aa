// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The way of bytes to one client of a hub: what it has still to be sent, and what became of the rest.
final class HubSending {
  private let socket: SocketEnd
  /// What was put in line for the client, and what of it was sent.
  private(set) var flow = Flow()
  private var outbox = Outbox()
  private var reply: ReplyFile?
  private var isReplyCut = false
  /// Why the file that it is to be sent cannot be read, if it cannot.
  private(set) var supplyFailure: SystemError?
  /// When the last byte was sent.
  private(set) var lastMove = Deadline.now
  /// When bytes were last taken from what there is to send, or there was nothing to take.
  private(set) var lastProgress = Deadline.now

  /// - Parameter reply: What it is sent, where that is a file.
  init(to socket: SocketEnd, reply: ReplyFile?) {
    self.socket = socket
    self.reply = reply
  }

  /// Whether something has still to be flow.
  var hasPending: Bool { flow.failure == nil && (!outbox.isEmpty || reply != nil) }
  /// Whether nothing should be added to what it has to be flow.
  var isFull: Bool { flow.failure == nil && outbox.isFull }

  /// Puts bytes in line for it.
  ///
  /// - Parameter start: Where in them to begin.
  func give(_ bytes: [UInt8], from start: Int = 0) {
    if outbox.isEmpty { lastProgress = .now }
    flow.take(bytes.count - start)
    outbox.append(bytes, from: start)
  }

  /// Sends bytes at once, as far as they go.
  ///
  /// - Returns: How many bytes were sent; 0 if others wait in front of them.
  func sendNow(_ bytes: Span<UInt8>) -> Int {
    guard outbox.isEmpty, reply == nil, flow.failure == nil else { return 0 }
    do {
      guard case .moved(let count) = try socket.write(bytes) else { return 0 }
      flow.take(count)
      didSend(count)
      return count
    } catch {
      flow.fail(error)
      return 0
    }
  }

  /// Sends as much as fits of what is there.
  func send(_ scratch: inout [UInt8]) {
    do {
      while try sendPart(&scratch) {}
    } catch {
      flow.fail(error)
      outbox.removeAll()
      isReplyCut = reply != nil
      reply = nil
    }
  }

  /// - Returns: Whether more fits.
  private func sendPart(_ scratch: inout [UInt8]) throws(SystemError) -> Bool {
    guard flow.failure == nil else { return false }
    if !outbox.isEmpty {
      return try outbox.offer { (bytes) throws(SystemError) in
        guard case .moved(let count) = try socket.write(bytes) else { return 0 }
        didSend(count)
        return count
      }
    }
    guard let reply else { return false }
    do {
      switch try reply.send(to: socket, &scratch) {
      case .sent(let count):
        flow.take(count)
        didSend(count)
        return true
      case .read(let bytes):
        give(bytes)
        return true
      case .wouldBlock: return false
      case .end: self.reply = nil
      }
    } catch {
      switch error {
      case .sink(let error), .recording(let error): throw error
      case .source(let error):
        supplyFailure = error
        self.reply = nil
      }
    }
    return false
  }

  private func didSend(_ count: Int) {
    flow.pass(count)
    lastMove = .now
    lastProgress = lastMove
  }

  /// Whether all that there was for the client was sent, as far as the system says at once.
  var isComplete: Bool { flow.pending == 0 && !isReplyCut && reply == nil }
}
