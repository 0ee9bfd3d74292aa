// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Datagrams that are received or sent by one call, in memory that is reused.
@safe package final class DatagramBatch {
  private let batch: UnsafeMutablePointer<csockkit_batch>
  /// The number of datagrams.
  package private(set) var count = 0
  /// The maximum number of datagrams.
  package let capacity: Int
  /// The bound address of the socket that the datagrams were received from.
  private var local = Address.unnamed

  /// Allocates a batch. Each datagram may have the given size, by default the maximum size of the family; memory that
  /// is never used is never taken from the system.
  ///
  /// - Throws: `ENOMEM`.
  package init(over family: AddressFamily, size: Int? = nil) throws(IOFailure) {
    capacity = family == .unix ? 4 : 64
    let size = size ?? Datagram.maximumLength(over: family == .unix ? .unix : .ipv6)
    guard let batch = unsafe csockkit_batch_create(CInt(capacity), size) else {
      throw IOFailure(.create("room for datagrams"), .noMemory)
    }
    unsafe self.batch = unsafe batch
  }

  deinit { unsafe csockkit_batch_free(batch) }

  /// Removes all datagrams.
  package func removeAll() { count = 0 }

  /// Removes the first empty datagram, and all after it.
  ///
  /// - Returns: Whether there was one.
  package func cutAtEmpty() -> Bool {
    guard let index = (0..<count).first(where: { length(at: $0) == 0 }) else { return false }
    count = index
    return true
  }

  /// Whether the batch is full.
  package var isFull: Bool { count == capacity }

  /// The details of a datagram.
  package func datagram(at index: Int) -> Datagram {
    let slot = unsafe slot(at: index).pointee
    var destination = local
    var isToMany = false
    if case .internet(let address, _)? = unsafe KernelAddress(slot.destination).address {
      destination = .internet(address, port: local.port ?? 0)
      // For a broadcast the kernel reports a local address to reply from, which differs from the destination.
      let own = unsafe KernelAddress(slot.local).address
      isToMany = address.isMulticast || own != .internet(address, port: 0)
    }
    return unsafe Datagram(
      source: KernelAddress(slot.peer, length: slot.peer_length).address ?? .unnamed,
      destination: destination, isToMany: isToMany,
      received: slot.received == 0 ? nil : slot.received, length: slot.length,
      isTruncated: slot.is_truncated)
  }

  /// The length of a datagram in bytes.
  package func length(at index: Int) -> Int { unsafe slot(at: index).pointee.length }

  /// Passes the bytes of a datagram to a closure.
  package func withBytes<Result, Problem>(
    at index: Int, _ body: (Span<UInt8>) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    let slot = unsafe slot(at: index).pointee
    return try unsafe body(Span(_unsafeStart: slot.bytes, count: slot.length))
  }

  /// Appends a datagram for the peer of the socket; its bytes are the two parts in sequence.
  ///
  /// - Throws: `EMSGSIZE` if the parts are longer than any datagram.
  package func append(_ first: Span<UInt8>, _ second: Span<UInt8>) throws(Errno) {
    let slot = try unsafe fill(first, second)
    unsafe slot.pointee.peer_length = 0
    unsafe slot.pointee.local.ss_family = sa_family_t(AF_UNSPEC)
  }

  /// Sets the peer of some datagrams, for a socket that is not connected.
  package func direct(_ range: Range<Int>, to peer: Address) throws(Errno) {
    let address = try KernelAddress(peer)
    for index in range {
      let slot = unsafe slot(at: index)
      unsafe slot.pointee.peer = address.storage
      unsafe slot.pointee.peer_length = address.length
    }
  }

  /// Appends a reply to the sender of a datagram. It is sent from the address that the datagram was sent to, unless
  /// that is a group address.
  ///
  /// - Throws: `EMSGSIZE` if the parts are longer than any datagram.
  package func append(
    _ first: Span<UInt8>, _ second: Span<UInt8>, answering question: Int, of questions: DatagramBatch
  ) throws(Errno) {
    try append(first, second, along: questions.returnPath(at: question))
  }

  /// Where answers to a datagram go to, and the address that they come from.
  package func returnPath(at index: Int) -> ReturnPath {
    let slot = unsafe slot(at: index)
    return unsafe ReturnPath(
      peer: slot.pointee.peer, peerLength: slot.pointee.peer_length, local: slot.pointee.local)
  }

  /// Appends a datagram for the peer at the end of a path; its bytes are the two parts in sequence.
  ///
  /// - Throws: `EMSGSIZE` if the parts are longer than any datagram.
  package func append(
    _ first: Span<UInt8>, _ second: Span<UInt8>, along path: ReturnPath
  ) throws(Errno) {
    let slot = try unsafe fill(first, second)
    unsafe slot.pointee.peer = path.peer
    unsafe slot.pointee.peer_length = path.peerLength
    unsafe slot.pointee.local = path.local
  }

  /// Appends what a received datagram of another batch contains, with the details of that datagram.
  ///
  /// - Throws: `EMSGSIZE` if it is longer than any datagram.
  package func append(
    _ content: Span<UInt8>, receivedAs index: Int, of records: DatagramBatch
  ) throws(Errno) {
    let nothing: [UInt8] = []
    try append(content, nothing.span, along: records.returnPath(at: index))
    let (slot, source) = unsafe (slot(at: count - 1), records.slot(at: index))
    unsafe slot.pointee.destination = source.pointee.destination
    unsafe slot.pointee.received = source.pointee.received
    unsafe slot.pointee.is_truncated = false
    local = records.local
  }

  private func fill(
    _ first: Span<UInt8>, _ second: Span<UInt8>
  ) throws(Errno) -> UnsafeMutablePointer<csockkit_datagram> {
    let length = first.count + second.count
    guard unsafe length <= batch.pointee.slot_size else { throw .messageTooLong }
    let slot = unsafe slot(at: count)
    let room = unsafe UnsafeMutableRawBufferPointer(start: slot.pointee.bytes, count: length)
    unsafe first.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
    unsafe second.withUnsafeBytes {
      unsafe UnsafeMutableRawBufferPointer(rebasing: room[first.count...]).copyMemory(from: $0)
    }
    unsafe slot.pointee.length = length
    count += 1
    return unsafe slot
  }

  private func slot(at index: Int) -> UnsafeMutablePointer<csockkit_datagram> {
    precondition((0..<capacity).contains(index), "a batch has \(capacity) slots")
    return unsafe batch.pointee.datagrams + index
  }
}

/// Where answers to a received datagram go to, and the address that they come from.
package struct ReturnPath {
  /// To the peer of the socket, from the address that the kernel chooses.
  package static let toPeer = ReturnPath(peer: sockaddr_storage(), peerLength: 0, local: sockaddr_storage())

  fileprivate let peer: sockaddr_storage
  fileprivate let peerLength: socklen_t
  fileprivate let local: sockaddr_storage
}

extension DatagramBatch {
  /// Receives the datagrams that are available, at most `limit`; they replace the contents of the batch. The
  /// corresponding C function is `recvmmsg`.
  ///
  /// - Parameter isPeeking: Whether they stay in the queue (`MSG_PEEK`).
  /// - Returns: Whether any were received; `false` means that the call would block.
  func receive(
    from socket: FileDescriptor, boundTo local: Address, detail: DatagramDetail, limit: Int, isPeeking: Bool
  ) throws(Errno) -> Bool {
    self.local = local
    let number = socket.rawValue
    let most = min(limit, capacity)
    let (hasSource, hasControl) = (detail >= .source, detail == .everything)
    count = 0
    do {
      count = Int(
        try systemCall(
          "recvmmsg(\(number), \(most), MSG_DONTWAIT\(isPeeking ? "|MSG_PEEK" : ""))",
          note: sizes(from: 0, last: nil)
        ) {
          let result = unsafe csockkit_receive_batch(
            number, batch, CInt(most), hasSource, hasControl, isPeeking)
          count = max(0, Int(result))
          return result
        })
      return true
    } catch .wouldBlock {
      return false
    }
  }

  /// Sends datagrams, starting with the one at index `first`. The corresponding C function is `sendmmsg`.
  ///
  /// - Returns: The number of datagrams sent; `nil` means that the call would block.
  func send(to socket: FileDescriptor, from first: Int, count: Int) throws(Errno) -> Int? {
    let number = socket.rawValue
    precondition(first + count <= self.count, "only what was added can be sent")
    do {
      var sent = 0
      return Int(
        try systemCall(
          "sendmmsg(\(number), \(count), MSG_DONTWAIT|MSG_NOSIGNAL)", note: sizes(from: first, last: sent)
        ) {
          let result = unsafe csockkit_send_batch(number, batch, CInt(first), CInt(count))
          sent = max(0, Int(result))
          return result
        })
    } catch .wouldBlock {
      return nil
    }
  }

  /// For the trace: the sizes of the first few datagrams, and their peers where they are known.
  private func sizes(from first: Int, last: Int?) -> String {
    let end = last.map { first + $0 } ?? count
    let shown = (first..<min(end, first + 4)).map { index in
      let slot = unsafe slot(at: index).pointee
      let peer = unsafe KernelAddress(slot.peer, length: slot.peer_length).address
      let name = peer.map { " \(last == nil ? "from" : "to") \($0)" } ?? ""
      return unsafe "\(slot.length) bytes\(name)"
    }
    return " {" + shown.joined(separator: ", ") + (end > first + 4 ? ", …}" : "}")
  }
}
