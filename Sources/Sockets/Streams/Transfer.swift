// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// What became of an attempt to move bytes.
package enum Transfer: Equatable, Sendable {
  /// This many bytes, at least one, were moved.
  case moved(Int)
  /// Nothing can be moved now without waiting.
  case wouldBlock
  /// The source has no more bytes, now or later.
  case endOfStream

  /// Reads the result of a call that returns a count, where 0 is the end of the stream.
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

/// Moving bytes between descriptors inside the kernel, and between a descriptor and memory.
///
/// These throw the bare `errno`: only the caller knows which side a failure belongs to.
extension Transfer {
  /// Moves bytes from a file to a socket: `sendfile(2)`, from the file's own offset, which moves along.
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

  /// Moves bytes of a file from an offset on to a socket, and leaves the file's own offset: `sendfile(2)`.
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

  /// Moves bytes between two descriptors of which one is a pipe: `splice(2)`, never waiting for a pipe.
  package static func splice(
    from source: FileDescriptor, to sink: FileDescriptor, count: Int
  ) throws(Errno) -> Transfer {
    try Transfer { () throws(Errno) in
      try systemCall("splice(\(source.rawValue), NULL, \(sink.rawValue), NULL, \(count))") {
        csockkit_splice(source.rawValue, sink.rawValue, count)
      }
    }
  }

  /// Whether urgent data is what comes next in a socket: `sockatmark(3)`.
  ///
  /// `splice` stops in front of it and says that nothing is there or, where the peer has finished, that the stream has
  /// ended; a receive goes on behind it.
  package static func isBeforeUrgentData(in socket: FileDescriptor) -> Bool {
    (try? systemCall("sockatmark(\(socket.rawValue))") { sockatmark(socket.rawValue) }) == 1
  }

  /// Reads into memory: `read(2)`.
  ///
  /// - Parameter limit: How much to read at most, where that is less than there is room for.
  package static func read(
    from source: FileDescriptor, into buffer: inout MutableSpan<UInt8>, atMost limit: Int = .max
  ) throws(Errno) -> Transfer {
    try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(Errno) in
      try Transfer { () throws(Errno) in
        let count = min(bytes.count, limit)
        return try systemCall("read(\(source.rawValue), \(count))") {
          unsafe Glibc.read(source.rawValue, bytes.baseAddress, count)
        }
      }
    }
  }

  /// Reads what a pipe is known to hold, however many reads that takes.
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

  /// Reads a file from an offset on into memory, and leaves the file's own offset: `pread(2)`.
  ///
  /// - Parameter limit: How much to read at most, where that is less than there is room for.
  package static func read(
    from file: FileDescriptor, at offset: Int, into buffer: inout MutableSpan<UInt8>, atMost limit: Int = .max
  ) throws(Errno) -> Transfer {
    try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(Errno) in
      try Transfer { () throws(Errno) in
        let count = min(bytes.count, limit)
        return try systemCall("pread(\(file.rawValue), \(count), \(offset))") {
          unsafe Glibc.pread(file.rawValue, bytes.baseAddress, count, off_t(offset))
        }
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

  /// Receives into memory without waiting, whatever the socket's own blocking mode: `recv(2)`.
  ///
  /// - Parameter limit: How much to receive at most, where that is less than there is room for.
  package static func receive(
    from socket: FileDescriptor, into buffer: inout MutableSpan<UInt8>, atMost limit: Int = .max
  ) throws(Errno) -> Transfer {
    try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(Errno) in
      try Transfer { () throws(Errno) in
        let count = min(bytes.count, limit)
        return try systemCall("recv(\(socket.rawValue), \(count))") {
          unsafe recv(socket.rawValue, bytes.baseAddress, count, Platform.dontWait)
        }
      }
    }
  }

  /// Sends from memory without waiting and without SIGPIPE: `send(2)`.
  ///
  /// - Parameter moreFollows: Whether the last packet may wait for what is sent next (`MSG_MORE`).
  package static func send(
    to socket: FileDescriptor, from buffer: Span<UInt8>, moreFollows: Bool = false
  ) throws(Errno) -> Transfer {
    let flags = Platform.dontWait | Platform.noSignal | (moreFollows ? Platform.more : 0)
    return try unsafe buffer.withUnsafeBytes { (bytes) throws(Errno) in
      try Transfer { () throws(Errno) in
        try systemCall("send(\(socket.rawValue), \(bytes.count)\(moreFollows ? ", MSG_MORE" : ""))") {
          unsafe Glibc.send(socket.rawValue, bytes.baseAddress, bytes.count, flags)
        }
      }
    }
  }
}
