// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Transport

/// A stream that is not a plain socket: it transports bytes in records, like TLS.
///
/// It has decoded bytes that no wait reports, must answer a key change before it reads on, writes a record completely
/// or not at all, and its end is a record, too, which is never sent at once.
final class RecordStream: ByteStream {
  private enum Kind {
    static let data = UInt8(ascii: "D")
    static let keyChange = UInt8(ascii: "K")
    static let answer = UInt8(ascii: "A")
    static let end = UInt8(ascii: "E")
  }

  private let socket: SocketStream
  /// The number of data records between two key changes; `nil` for no key changes.
  private let keyChangeInterval: Int?
  /// The bytes received and not decoded yet.
  private var arrived: [UInt8] = []
  /// The bytes decoded and not read yet.
  private var plain: [UInt8] = []
  /// The bytes encoded and not sent yet.
  private var encoded: [UInt8] = []
  /// The number of payload bytes in `encoded` that no write has accepted yet.
  private var unaccepted = 0
  private var records = 0
  private var isAnswering = false
  private var hasReceivedEnd = false
  private var protocolFailure: IOFailure.Reason?
  private var hasBegunEnd = false

  private static let longestRecord = 1000
  private static let longestRead = 300

  init(_ socket: consuming StreamSocket, acknowledged: Int = 0, keyChangeInterval: Int? = 3) {
    self.socket = SocketStream(socket, acknowledged: acknowledged)
    self.keyChangeInterval = keyChangeInterval
  }

  var medium: DescriptorKind { .opaque }
  var descriptor: FileDescriptor { socket.descriptor }
  var name: String { socket.name }
  var remote: Address { socket.remote }
  let local = Address.unnamed
  var failure: IOFailure.Reason? { protocolFailure ?? socket.failure }

  func interest(reading: Bool, writing: Bool) -> Readiness {
    var interest: Readiness = writing ? .writable : []
    if reading { interest.insert(isAnswering ? .writable : .readable) }
    return interest
  }

  func canRead(after readiness: Readiness) -> Bool {
    isAnswering ? readiness.allowsWrite : readiness.allowsRead
  }

  var hasBufferedInput: Bool { !plain.isEmpty || !isAnswering && nextRecord != nil }

  private var nextRecord: Range<Int>? {
    guard let kind = arrived.first else { return nil }
    guard kind == Kind.data else { return 0..<1 }
    guard arrived.count >= 3 else { return nil }
    let end = 3 + Int(arrived[1]) << 8 + Int(arrived[2])
    return end <= arrived.count ? 0..<end : nil
  }

  func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    if isAnswering {
      guard try flush() else { return .wouldBlock }
      isAnswering = false
    }
    while plain.isEmpty {
      if let record = nextRecord {
        guard decode(record) else { return .wouldBlock }
      } else {
        var piece = [UInt8](repeating: 0, count: 4096)
        var space = piece.mutableSpan
        switch try socket.read(into: &space) {
        case .moved(let count): arrived += piece[..<count]
        case .wouldBlock: return .wouldBlock
        case .endOfStream: return .endOfStream
        }
      }
      if hasReceivedEnd { return .endOfStream }
    }
    let count = min(plain.count, Self.longestRead, buffer.count, limit)
    for index in 0..<count { buffer[index] = plain[index] }
    plain.removeFirst(count)
    return .moved(count)
  }

  /// - Returns: Whether reading can continue without an answer.
  private func decode(_ record: Range<Int>) -> Bool {
    defer { arrived.removeSubrange(record) }
    switch arrived[0] {
    case Kind.data: plain += arrived[record].dropFirst(3).map { $0 ^ 0x55 }
    case Kind.end: hasReceivedEnd = true
    // After the end no answer can be sent, and none is expected.
    case Kind.keyChange where !hasBegunEnd:
      encoded.append(Kind.answer)
      isAnswering = true
      return false
    default: break
    }
    return true
  }

  func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer {
    if unaccepted == 0 {
      guard !buffer.isEmpty else { return .wouldBlock }
      let count = min(buffer.count, Self.longestRecord)
      records += 1
      if let keyChangeInterval, records % keyChangeInterval == 0 { encoded.append(Kind.keyChange) }
      encoded += [Kind.data, UInt8(count >> 8), UInt8(count & 0xFF)]
      for index in 0..<count { encoded.append(buffer[index] ^ 0x55) }
      unaccepted = count
    }
    guard try flush() else { return .wouldBlock }
    defer { unaccepted = 0 }
    return .moved(unaccepted)
  }

  /// - Returns: Whether everything is sent.
  private func flush() throws(IOFailure) -> Bool {
    while !encoded.isEmpty {
      let rest = encoded
      guard case .moved(let count) = try socket.write(rest.span) else { return false }
      encoded.removeFirst(count)
    }
    return true
  }

  func finish() throws(IOFailure) -> Finish { try sendEnd() ? try socket.finish() : .wouldBlock }

  func setCloseRule(_ rule: CloseRule) throws(IOFailure) -> Finish {
    guard rule == .orderly else { return try socket.setCloseRule(rule) }
    return try sendEnd() ? try socket.setCloseRule(rule) : .wouldBlock
  }

  /// - Returns: Whether the end record has been sent.
  private func sendEnd() throws(IOFailure) -> Bool {
    if hasBegunEnd { return try flush() }
    hasBegunEnd = true
    encoded.append(Kind.end)
    return false
  }

  func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? {
    hasReceivedEnd ? nil : failure ?? .peerProtocol("the connection ended without an end record")
  }

  func unreadBytes() throws(IOFailure) -> Int { try socket.unreadBytes() + plain.count + arrived.count }
  func unacknowledgedBytes() throws(IOFailure) -> Int { try socket.unacknowledgedBytes() + encoded.count }
  func acknowledgedBytes() -> Int? { nil }
  func lastDelivery(at now: Deadline) -> Deadline? { socket.lastDelivery(at: now) }
  func probePeer() throws(IOFailure) { try socket.probePeer() }
  func takeError() throws(IOFailure) -> IOFailure.Reason? {
    if let protocolFailure { return protocolFailure }
    return try socket.takeError()
  }
  func didFail(_ reason: IOFailure.Reason) {
    if case .peerProtocol = reason {
      protocolFailure = protocolFailure ?? reason
    } else {
      socket.didFail(reason)
    }
  }
  func stopLingering() throws(IOFailure) { try socket.stopLingering() }
}

extension RecordStream {
  /// Sends bytes and their end, and receives until the peer's end.
  ///
  /// - Returns: The bytes received; `nil` if the peer has closed early, or the exchange took too long.
  func exchange(sending bytes: [UInt8]) throws(IOFailure) -> [UInt8]? {
    let end = Deadline.after(.seconds(30))
    var result: [UInt8] = []
    var sent = 0
    var hasFinished = false
    var storage = [UInt8](repeating: 0, count: 64 << 10)
    while !end.hasPassed {
      var hasMoved = false
      if sent < bytes.count {
        if case .moved(let count) = try write(bytes.span.extracting(sent...), moreFollows: false) {
          sent += count
          hasMoved = true
        }
      } else if !hasFinished {
        hasFinished = try finish() == .done
        hasMoved = hasFinished
      }
      var buffer = storage.mutableSpan
      switch try read(into: &buffer) {
      case .moved(let count):
        result += storage[..<count]
        hasMoved = true
      case .endOfStream:
        guard errorBehindEnd(received: nil) == nil else { return nil }
        if hasFinished { return result }
      case .wouldBlock: break
      }
      if !hasMoved {
        try descriptor.wait(for: interest(reading: true, writing: !hasFinished), until: end)
      }
    }
    return nil
  }
}
