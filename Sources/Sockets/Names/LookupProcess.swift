// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Synchronization
import SystemPackage

/// A process that looks names up for one that may not do so any more: the C library's resolver opens files and sockets, and
/// loads modules.
package final class LookupProcess: Sendable {
  /// What the C library says of a name.
  struct Answer: Equatable {
    /// The result of `getaddrinfo`.
    let status: CInt
    /// `errno`, for `EAI_SYSTEM`.
    let code: Errno
    /// The addresses.
    let addresses: [IPAddress]
  }

  private static let shared = Guarded<LookupProcess?>(nil)

  /// The process that looks names up for this one; `nil` if it does so itself.
  static var current: LookupProcess? { shared.withLock { $0 } }

  private let helper: HelperProcess

  /// Has names looked up by another process from here on, which has the rights that this one has now. It must be called
  /// before there are other threads.
  ///
  /// - Parameter confine: Called in the process, to leave it only the rights that look-ups need.
  /// - Throws: The error of `socketpair` or `fork`.
  package static func start(_ confine: () -> Void) throws(IOFailure) {
    // Loaded here, where names are encoded.
    InternationalName.load()
    let process = try LookupProcess(confine)
    shared.withLock { $0 = process }
  }

  private init(_ confine: () -> Void) throws(IOFailure) {
    helper = try HelperProcess { (socket) throws(IOFailure) in
      confine()
      try Self.serve(socket)
    }
  }

  /// Looks a name up, like `getaddrinfo`.
  ///
  /// - Returns: `nil` if there is no answer by the deadline, or the process has ended.
  func addresses(of name: String, family: AddressFamily?, until deadline: Deadline) throws(IOFailure)
    -> Answer?
  {
    try ask([Self.tag(of: family)] + Array(name.utf8), until: deadline).flatMap(Answer.init)
  }

  /// Sends a query of `HostLookup`.
  ///
  /// - Returns: `nil` if there is no answer by the deadline, or the process has ended.
  func answer(to question: HostLookup, until deadline: Deadline) throws(IOFailure) -> Result<
    HostEntry, LookupFailure
  >? {
    try ask(HostMessage.encode(question), until: deadline).flatMap(HostMessage.answer)
  }

  private func ask(_ question: [UInt8], until deadline: Deadline) throws(IOFailure) -> [UInt8]? {
    let channel = try helper.request(question)
    guard try !channel.near.wait(for: .readable, until: deadline).isEmpty else { return nil }
    var storage = [UInt8](repeating: 0, count: WorkerProcess.largestAnswer)
    var buffer = storage.mutableSpan
    guard case .moved(let count)? = try? Transfer.receive(from: channel.near, into: &buffer) else {
      return nil
    }
    return Array(storage.prefix(count))
  }

  // MARK: In the process

  /// Answers each request in a thread of its own: a name server may be slow.
  private static func serve(_ socket: FileDescriptor) throws(IOFailure) {
    while let request = try HelperProcess.nextRequest(from: socket) {
      guard let channel = try? Descriptor.duplicate(of: request.descriptors[0]) else { continue }
      let asker = Asker(channel)
      let question = request.bytes
      // Without a thread, the channel is closed, which is an answer as well.
      try? Thread.start { asker.take(answer(to: question)) }
    }
  }

  /// The process that waits for an answer.
  private final class Asker: Sendable {
    private let channel: Descriptor

    init(_ channel: consuming Descriptor) { self.channel = channel }

    func take(_ answer: [UInt8]) { _ = try? Transfer.send(to: channel.number, from: answer.span) }
  }

  private static func answer(to question: [UInt8]) -> [UInt8] {
    if let lookup = HostMessage.question(in: question) {
      return HostMessage.encode(Result { () throws(LookupFailure) in try lookup.entry() })
    }
    let name = String(decoding: question.dropFirst(), as: UTF8.self)
    return Resolver.ask(name, family: family(ofTag: question[0]), until: .never).bytes
  }

  private static func tag(of family: AddressFamily?) -> UInt8 {
    switch family {
    case .ipv4?: UInt8(ascii: "a")
    case .ipv6?: UInt8(ascii: "b")
    default: UInt8(ascii: "c")
    }
  }

  private static func family(ofTag tag: UInt8) -> AddressFamily? {
    switch tag {
    case UInt8(ascii: "a"): .ipv4
    case UInt8(ascii: "b"): .ipv6
    default: nil
    }
  }
}

extension LookupProcess.Answer {
  /// The answer as a message: the status, the `errno`, and each address as its length, its bytes and its zone.
  fileprivate var bytes: [UInt8] {
    let start = UInt32(bitPattern: status).messageBytes + UInt32(bitPattern: code.rawValue).messageBytes
    return addresses.reduce(into: start) {
      switch $1 {
      case .ipv4(let bytes): $0 += [UInt8(bytes.count)] + bytes + UInt32(0).messageBytes
      case .ipv6(let bytes, let zone): $0 += [UInt8(bytes.count)] + bytes + zone.messageBytes
      }
    }
  }

  /// Reads such a message; `nil` if it is none.
  fileprivate init?(_ message: [UInt8]) {
    var rest = message[...]
    guard let status = Self.take(4, from: &rest), let code = Self.take(4, from: &rest) else { return nil }
    var addresses: [IPAddress] = []
    while let length = rest.popFirst() {
      guard let bytes = Self.take(Int(length), from: &rest), let zone = Self.take(4, from: &rest) else {
        return nil
      }
      switch length {
      case 4: addresses.append(.ipv4(Array(bytes)))
      case 16: addresses.append(.ipv6(Array(bytes), zone: UInt32(messageBytes: zone)))
      default: return nil
      }
    }
    self.init(
      status: CInt(bitPattern: UInt32(messageBytes: status)),
      code: Errno(rawValue: CInt(bitPattern: UInt32(messageBytes: code))),
      addresses: addresses)
  }

  private static func take(_ count: Int, from rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
