// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// A request to a `CommandSpawner`.
enum SpawnerRequest: Equatable {
  /// To give up its privileges.
  case drop
  /// To start the command with these variables, each as `NAME=value`; its output goes to the stream, or is discarded.
  case start([[UInt8]], isHeard: Bool)

  /// The request as a message: a letter, and the variables, each ended by a NUL.
  var bytes: [UInt8] {
    switch self {
    case .drop: [UInt8(ascii: "d")]
    case .start(let variables, let isHeard):
      [UInt8(ascii: isHeard ? "s" : "q")] + variables.flatMap { $0 + [0] }
    }
  }

  /// Reads such a message; `nil` if it is none.
  init?(_ message: [UInt8]) {
    let variables = message.dropFirst().split(separator: 0).map(Array.init)
    switch message.first.map({ Unicode.Scalar($0) }) {
    case "d": self = .drop
    case "s": self = .start(variables, isHeard: true)
    case "q": self = .start(variables, isHeard: false)
    default: return nil
    }
  }
}

/// The messages on the channel of a request: first the `errno` of the request, 0 for success. For a command then the signals
/// for it on one way, and its end on the other.
enum SpawnerChannel {
  /// The length of a message in bytes: two numbers of four bytes each.
  private static let length = 8

  /// How long a message waits for room, which the few ones of a channel lack only if the system is short of memory.
  private static let patience = Duration.seconds(1)

  /// Sends a message.
  ///
  /// - Returns: Whether it was sent; otherwise there is no other end, or the system is short of memory.
  @discardableResult
  static func send(_ first: Int32, _ second: Int32 = 0, to channel: FileDescriptor) -> Bool {
    let bytes = UInt32(bitPattern: first).messageBytes + UInt32(bitPattern: second).messageBytes
    let end = Deadline.after(patience)
    do {
      while true {
        if case .moved = try Transfer.send(to: channel, from: bytes.span) { return true }
        guard try !channel.wait(for: .writable, until: end).isEmpty else { return false }
      }
    } catch {
      return false
    }
  }

  /// What has been received.
  enum Reception: Equatable {
    /// A message.
    case message(Int32, Int32)
    /// Nothing yet.
    case nothing
    /// The other end is closed.
    case closed
  }

  /// Receives a message, without waiting.
  static func receive(from channel: FileDescriptor) -> Reception {
    var storage = [UInt8](repeating: 0, count: length)
    var buffer = storage.mutableSpan
    var received = try? Transfer.receive(from: channel, into: &buffer)
    // An end that closes before it has read everything resets the channel. Its last message follows the error.
    if received == nil { received = try? Transfer.receive(from: channel, into: &buffer) }
    switch received {
    case .moved(length):
      return .message(
        Int32(bitPattern: UInt32(messageBytes: storage.prefix(4))),
        Int32(bitPattern: UInt32(messageBytes: storage.suffix(4))))
    case .wouldBlock: return .nothing
    default: return .closed
    }
  }

  /// Waits for the `errno` of a request, 0 for success; `EPIPE` if there is none.
  static func result(from channel: FileDescriptor) throws(IOFailure) -> Errno? {
    while true {
      _ = try channel.wait(for: .readable, until: .never)
      switch receive(from: channel) {
      case .message(let code, _): return code == 0 ? nil : Errno(rawValue: code)
      case .nothing: continue
      case .closed: return .brokenPipe
      }
    }
  }
}
