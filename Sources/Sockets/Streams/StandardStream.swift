// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Standard input or output, usable together with a socket without a change to it for the programs that share it.
///
/// `O_NONBLOCK` belongs to the open file description, which is shared with the shell and the rest of the pipeline, so
/// it is never set there. A pipe or terminal is opened again through `/proc/self/fd`, which gives an open file
/// description of its own. Where that is refused, as for another user's terminal, the shared one is used in pieces so
/// small that a ready descriptor accepts them without blocking.
package final class StandardStream {
  /// Which of the two streams.
  package enum Direction: Sendable {
    case input
    case output
  }

  /// Which stream it is.
  package let direction: Direction
  /// What it is connected to.
  package let medium: DescriptorKind
  /// The descriptor to wait on and to move bytes through.
  package let descriptor: FileDescriptor
  /// The maximum number of bytes to write at once without blocking.
  package let writeLimit: Int

  private let shared: FileDescriptor
  private let isSocket: Bool
  /// Whether the rest is lost if one read does not take all: a message, or a file of the kernel with a reported size of
  /// 0.
  package let isReadWhole: Bool
  private var own: Descriptor?
  private var isClosed = false

  /// Prepares standard input or standard output.
  ///
  /// - Parameter descriptor: The descriptor that takes the place of 0 or 1; `close` closes it.
  package init(_ direction: Direction, at descriptor: FileDescriptor? = nil) {
    self.direction = direction
    shared = descriptor ?? (direction == .input ? .standardInput : .standardOutput)
    let medium = DescriptorKind(of: shared)
    isSocket = medium == .socket
    isReadWhole = direction == .input && Self.isReadWhole(shared, medium)
    // A shared socket may be in blocking mode, where `splice` would block.
    self.medium = isSocket ? .opaque : medium
    own = Self.canReopen(shared, medium, direction) ? Self.reopen(shared, direction) : nil
    let isOwn = own != nil
    self.descriptor = own?.number ?? shared
    // A pipe that is ready has room for PIPE_BUF bytes; a terminal that is ready has certain room only for one.
    writeLimit = isOwn ? .max : medium == .terminal ? 1 : medium == .pipe ? Int(PIPE_BUF) : .max
    if medium == .pipe { Pipe.enlarge(self.descriptor) }
  }

  /// The name for messages.
  package var name: String { direction == .input ? "standard input" : "standard output" }

  /// Whether there is at least one byte to read now; at end-of-stream there is none.
  package var hasBytes: Bool {
    if let remainingBytes { return remainingBytes > 0 }
    return descriptor.hasReadableBytes
  }

  /// The number of bytes left to read, where it is known: in a regular file.
  package var remainingBytes: Int? {
    var status = stat()
    guard medium == .file, unsafe fstat(shared.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG
    else {
      return nil
    }
    return max(0, Int(status.st_size) - Int(lseek(shared.rawValue, 0, SEEK_CUR)))
  }

  /// Moves a file's offset back over bytes that were read but not passed on, for the next program that reads it.
  package func putBack(_ count: Int) {
    guard medium == .file, count > 0 else { return }
    lseek(shared.rawValue, off_t(-count), SEEK_CUR)
  }

  /// Whether a read would not block. A shared descriptor may be in blocking mode, so it is polled.
  package func isReadable() throws(IOFailure) -> Bool {
    guard own == nil, !isSocket, medium != .file else { return true }
    return try !descriptor.wait(for: .readable, until: .now).isEmpty
  }

  /// Reads the bytes that are available.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    do {
      return isSocket
        ? try .receive(from: descriptor, into: &buffer, atMost: limit)
        : try .read(from: descriptor, into: &buffer, atMost: limit)
    } catch .ioError where medium == .terminal {
      // The terminal has hung up, or this process is orphaned from the terminal's session.
      return .endOfStream
    } catch {
      throw IOFailure(.read(name), error)
    }
  }

  /// Writes as much as fits now.
  package func write(_ buffer: Span<UInt8>) throws(IOFailure) -> Transfer {
    do {
      return isSocket
        ? try .send(to: descriptor, from: buffer)
        : try .write(to: descriptor, from: buffer.extracting(first: writeLimit))
    } catch {
      throw IOFailure(.write(name), error)
    }
  }

  /// Closes the stream, so that the next program in a pipeline reads end-of-file; `/dev/null` takes its descriptor
  /// number.
  ///
  /// - Throws: The error that `close` reports for data that could not be written after all.
  package func close() throws(IOFailure) {
    own = nil
    guard !isClosed else { return }
    isClosed = true
    // Closing is not enough for a socket, which other processes may hold open too.
    if isSocket { _ = shutdown(shared.rawValue, Platform.shutWrite) }
    do {
      try Descriptor(adopting: shared.rawValue).close()
    } catch {
      throw IOFailure(.write(name), error.code)
    }
    try Self.reserve()
  }

  private static func isReadWhole(_ shared: FileDescriptor, _ medium: DescriptorKind) -> Bool {
    switch medium {
    case .socket:
      return (try? SocketOption.type.value(on: shared)).map { $0 != Int(Platform.streamSocket) } ?? false
    case .file:
      var status = stat()
      return unsafe fstat(shared.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && status.st_size == 0
    default: return false
    }
  }

  /// A FIFO that is opened for reading again after its writer has closed it does not report end-of-file.
  private static func canReopen(
    _ shared: FileDescriptor, _ medium: DescriptorKind, _ direction: Direction
  ) -> Bool {
    guard medium == .pipe, direction == .input else { return medium == .pipe || medium == .terminal }
    var target = [UInt8](repeating: 0, count: 64)
    let count = unsafe readlink("/proc/self/fd/\(shared.rawValue)", &target, target.count)
    return target.prefix(max(0, count)).starts(with: "pipe:".utf8)
  }

  private static func reopen(_ shared: FileDescriptor, _ direction: Direction) -> Descriptor? {
    let mode = (direction == .input ? O_RDONLY : O_WRONLY) | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    let path = "/proc/self/fd/\(shared.rawValue)"
    let number = try? systemCall("open(\"\(path)\", O_NONBLOCK|O_CLOEXEC|O_NOCTTY)") {
      unsafe open(path, mode)
    }
    return number.map { Descriptor(adopting: $0) }
  }
}

extension StandardStream {
  /// Takes a socket away from the standard streams: `/dev/null` replaces each of them that is this socket, so that
  /// neither output nor messages are sent to its peer.
  ///
  /// - Returns: The socket with another descriptor.
  package static func detach(_ stream: FileDescriptor) throws(IOFailure) -> Descriptor {
    let copy = try attempting(.create("a descriptor")) { () throws(Errno) in
      try Descriptor.duplicate(of: stream)
    }
    let identity = identity(of: copy.number.rawValue)
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where Self.identity(of: number) == identity {
      _ = try? systemCall("close(\(number))", retrying: false) { Glibc.close(number) }
    }
    try reserve()
    return copy
  }

  /// The file of a descriptor: two with the same file refer to the same socket.
  private static func identity(of number: CInt) -> [UInt64] {
    var status = stat()
    return unsafe fstat(number, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : []
  }

  /// Opens `/dev/null` instead of each standard stream that is closed, so that no socket gets its descriptor number.
  ///
  /// A standard input that cannot be read, as under `nohup`, is replaced too.
  ///
  /// - Returns: Whether standard output was closed.
  @discardableResult
  package static func reserve() throws(IOFailure) -> Bool {
    let isOutputClosed = fcntl(STDOUT_FILENO, F_GETFD) == -1
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      let flags = fcntl(number, F_GETFL)
      if flags != -1 {
        guard number == STDIN_FILENO, flags & O_ACCMODE == O_WRONLY else { continue }
        _ = Glibc.close(number)
      }
      // The lowest free number is this one, because the ones below are open.
      _ = try attempting(.read("/dev/null")) { () throws(Errno) in
        try systemCall("open(\"/dev/null\", O_RDWR)") { unsafe open("/dev/null", O_RDWR) }
      }
    }
    return isOutputClosed
  }
}
