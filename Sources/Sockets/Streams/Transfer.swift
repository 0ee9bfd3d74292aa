// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// The result of an attempt to move bytes.
package enum Transfer: Equatable, Sendable {
  /// This many bytes, at least one, were moved.
  case moved(Int)
  /// No bytes can be moved now without blocking.
  case wouldBlock
  /// End-of-stream: the source has no more bytes.
  case endOfStream

  /// Interprets the result of a call that returns a count, where 0 is end-of-stream.
  @inline(__always)
  init(_ call: () throws(Errno) -> Int) throws(Errno) {
    do {
      let count = try call()
      self = count == 0 ? .endOfStream : .moved(count)
    } catch .wouldBlock {
      self = .wouldBlock
    }
  }
}

/// Moves bytes between descriptors inside the kernel, and between a descriptor and memory.
///
/// These functions throw the bare `errno`: only the caller can tell which side failed.
extension Transfer {
  /// Moves bytes from a file to a socket: `sendfile(2)`, from the file's own offset, which advances.
  package static func sendfile(
    from file: FileDescriptor, to socket: FileDescriptor, count: Int
  ) throws(Errno) -> Transfer {
    let (source, sink) = (file.rawValue, socket.rawValue)
    return try Transfer { () throws(Errno) in
      try systemCall("sendfile(\(sink), \(source), NULL, \(count))") {
        Glibc.sendfile(sink, source, nil, count)
      }
    }
  }

  /// Moves bytes of a file from a given offset to a socket, without changing the file's own offset: `sendfile(2)`.
  package static func sendfile(
    from file: FileDescriptor, at offset: Int, to socket: FileDescriptor, count: Int
  ) throws(Errno) -> Transfer {
    let (source, sink) = (file.rawValue, socket.rawValue)
    var position = off_t(offset)
    return try Transfer { () throws(Errno) in
      try systemCall("sendfile(\(sink), \(source), {\(offset)}, \(count))") {
        unsafe Glibc.sendfile(sink, source, &position, count)
      }
    }
  }

  /// Moves bytes between two descriptors of which one is a pipe: `splice(2)`, which never blocks on the pipe.
  package static func splice(
    from source: FileDescriptor, to sink: FileDescriptor, count: Int
  ) throws(Errno) -> Transfer {
    try Transfer { () throws(Errno) in
      try systemCall("splice(\(source.rawValue), NULL, \(sink.rawValue), NULL, \(count))") {
        csockkit_splice(source.rawValue, sink.rawValue, count)
      }
    }
  }

  /// Whether the next byte in a socket is urgent data: `sockatmark(3)`.
  ///
  /// `splice` stops before it and reports that nothing is available or, if the peer has finished, end-of-stream; a
  /// receive continues after it.
  package static func isBeforeUrgentData(in socket: FileDescriptor) -> Bool {
    (try? systemCall("sockatmark(\(socket.rawValue))") { sockatmark(socket.rawValue) }) == 1
  }

  /// Calls a function that stores bytes at the beginning of a buffer, and returns their number.
  ///
  /// - Parameter limit: The maximum number of bytes, if that is less than the buffer holds.
  @inline(__always)
  private static func storing(
    in buffer: inout MutableSpan<UInt8>, atMost limit: Int,
    _ call: (_ place: UnsafeMutableRawPointer?, _ count: Int) throws(Errno) -> Int
  ) throws(Errno) -> Transfer {
    try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(Errno) in
      try Transfer { () throws(Errno) in try unsafe call(bytes.baseAddress, min(bytes.count, limit)) }
    }
  }

  /// Reads into memory: `read(2)`.
  ///
  /// - Parameter limit: The maximum number of bytes to read, if that is less than the buffer holds.
  package static func read(
    from source: FileDescriptor, into buffer: inout MutableSpan<UInt8>, atMost limit: Int = .max
  ) throws(Errno) -> Transfer {
    try unsafe storing(in: &buffer, atMost: limit) { (place, count) throws(Errno) in
      try systemCall("read(\(source.rawValue), \(count))") {
        unsafe Glibc.read(source.rawValue, place, count)
      }
    }
  }

  /// Reads a known number of bytes from a pipe, in as many reads as necessary.
  package static func bytes(inPipe pipe: FileDescriptor, count: Int) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: count)
    while bytes.count < count {
      var space = piece.mutableSpan
      guard case .moved(let number) = try read(from: pipe, into: &space) else { throw .ioError }
      bytes += piece[..<number]
    }
    return bytes
  }

  /// Reads a file from a given offset into memory, without changing the file's own offset: `pread(2)`.
  ///
  /// - Parameter limit: The maximum number of bytes to read, if that is less than the buffer holds.
  package static func read(
    from file: FileDescriptor, at offset: Int, into buffer: inout MutableSpan<UInt8>, atMost limit: Int = .max
  ) throws(Errno) -> Transfer {
    try unsafe storing(in: &buffer, atMost: limit) { (place, count) throws(Errno) in
      try systemCall("pread(\(file.rawValue), \(count), \(offset))") {
        unsafe Glibc.pread(file.rawValue, place, count, off_t(offset))
      }
    }
  }

  /// Writes from memory: `write(2)`.
  package static func write(to sink: FileDescriptor, from buffer: Span<UInt8>) throws(Errno) -> Transfer {
    try unsafe buffer.withUnsafeBytes { (bytes) throws(Errno) in
      try Transfer { () throws(Errno) in
        try systemCall("write(\(sink.rawValue), \(bytes.count))") {
          unsafe Glibc.write(sink.rawValue, bytes.baseAddress, bytes.count)
        }
      }
    }
  }

  /// Receives into memory, whatever the socket's own mode: `recv(2)`.
  ///
  /// - Parameters:
  ///   - limit: The maximum number of bytes to receive, if that is less than the buffer holds.
  ///   - blocks: Whether the call waits until there is something to receive, on a socket in blocking mode.
  package static func receive(
    from socket: FileDescriptor, into buffer: inout MutableSpan<UInt8>, atMost limit: Int = .max,
    blocks: Bool = false
  ) throws(Errno) -> Transfer {
    try unsafe storing(in: &buffer, atMost: limit) { (place, count) throws(Errno) in
      try systemCall("recv(\(socket.rawValue), \(count))") {
        unsafe recv(socket.rawValue, place, count, blocks ? 0 : Platform.dontWait)
      }
    }
  }

  /// Receives from an association of SCTP into memory, without blocking: `recvmsg(2)`. End-of-stream is the peer's end of
  /// the association, or the end that this side has asked for (`StreamSocket.shutdownSending`).
  ///
  /// - Parameter limit: The maximum number of bytes to receive, if that is less than the buffer holds.
  package static func receiveFromAssociation(
    _ socket: FileDescriptor, into buffer: inout MutableSpan<UInt8>, atMost limit: Int = .max
  ) throws(Errno) -> Transfer {
    try unsafe storing(in: &buffer, atMost: limit) { (place, count) throws(Errno) in
      try systemCall("recvmsg(\(socket.rawValue), \(count))") {
        unsafe csockkit_sctp_receive(socket.rawValue, place, count, Platform.dontWait)
      }
    }
  }

  /// Copies what has arrived into memory and leaves it in the socket: `recv(2)` with `MSG_PEEK`, without blocking.
  ///
  /// - Parameter limit: The maximum number of bytes to copy, if that is less than the buffer holds.
  package static func peek(
    at socket: FileDescriptor, into buffer: inout MutableSpan<UInt8>, atMost limit: Int = .max
  ) throws(Errno) -> Transfer {
    try unsafe storing(in: &buffer, atMost: limit) { (place, count) throws(Errno) in
      try systemCall("recv(\(socket.rawValue), \(count), MSG_PEEK)") {
        unsafe recv(socket.rawValue, place, count, Platform.dontWait | Platform.peek)
      }
    }
  }

  /// Receives one message of a `SOCK_SEQPACKET` socket into memory without blocking: `recv(2)` with `MSG_TRUNC`, which
  /// returns the message's own length. An empty message cannot be told from end-of-stream.
  ///
  /// - Throws: `EMSGSIZE` if the buffer does not hold the message, whose end is lost.
  package static func receiveMessage(
    from socket: FileDescriptor, into buffer: inout MutableSpan<UInt8>
  ) throws(Errno) -> Transfer {
    let room = buffer.count
    let transfer = try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(Errno) in
      try Transfer { () throws(Errno) in
        try systemCall("recv(\(socket.rawValue), \(room), MSG_TRUNC)") {
          unsafe recv(
            socket.rawValue, bytes.baseAddress, room, Platform.dontWait | Platform.truncatedLength)
        }
      }
    }
    if case .moved(let count) = transfer, count > room { throw .messageTooLong }
    return transfer
  }

  /// Receives one datagram: `recvfrom(2)`.
  ///
  /// - Parameter isPeeking: Whether it stays in the queue.
  /// - Returns: Its size, which may be 0, and the address of its sender; `nil` if none has arrived.
  /// - Throws: `EMSGSIZE` if the buffer is too small for a datagram that leaves the queue.
  package static func receiveDatagram(
    from socket: FileDescriptor, into buffer: inout MutableSpan<UInt8>, isPeeking: Bool = false
  ) throws(Errno) -> (count: Int, source: Address?)? {
    let room = buffer.count
    var source = KernelAddress()
    let flags = Platform.dontWait | Platform.truncatedLength | (isPeeking ? Platform.peek : 0)
    let count: Int
    do throws(Errno) {
      count = try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(Errno) in
        try systemCall(
          "recvfrom(\(socket.rawValue), \(room), MSG_DONTWAIT|MSG_TRUNC\(isPeeking ? "|MSG_PEEK" : ""))"
        ) {
          unsafe source.write { unsafe recvfrom(socket.rawValue, bytes.baseAddress, room, flags, $0, $1) }
        }
      }
    } catch .wouldBlock {
      return nil
    }
    guard isPeeking || count <= room else { throw .messageTooLong }
    return (count, source.address)
  }

  /// Sends from memory without SIGPIPE: `send(2)`.
  ///
  /// - Parameters:
  ///   - moreFollows: Whether the last packet may be delayed until more bytes are sent (`MSG_MORE`).
  ///   - blocks: Whether the call waits until there is room for all bytes, on a socket in blocking mode.
  package static func send(
    to socket: FileDescriptor, from buffer: Span<UInt8>, moreFollows: Bool = false, blocks: Bool = false
  ) throws(Errno) -> Transfer {
    let flags =
      (blocks ? 0 : Platform.dontWait) | Platform.noSignal | (moreFollows ? Platform.more : 0)
    return try unsafe buffer.withUnsafeBytes { (bytes) throws(Errno) in
      try Transfer { () throws(Errno) in
        try systemCall("send(\(socket.rawValue), \(bytes.count)\(moreFollows ? ", MSG_MORE" : ""))") {
          unsafe Glibc.send(socket.rawValue, bytes.baseAddress, bytes.count, flags)
        }
      }
    }
  }
}
