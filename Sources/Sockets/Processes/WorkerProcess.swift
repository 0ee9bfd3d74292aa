// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A child process that answers requests, one message each way. Work that cannot be cancelled can be stopped there by
/// killing the process.
///
/// The two communicate over a pair of `SOCK_SEQPACKET` sockets, which preserve message boundaries and report to each
/// side when the other has closed. A worker ends with its parent, for whatever reason, and when its owner releases it.
package final class WorkerProcess {
  /// The largest answer in bytes. It fits into the default send buffer, which limits the size of a message.
  package static let largestAnswer = 192 << 10

  /// The largest request in bytes.
  package static let largestRequest = 4096

  private let socket: Descriptor
  private let identifier: pid_t
  private var isReaped = false

  /// Forks a process that replies to each request with the result of `work`.
  ///
  /// A process with several threads must not do this: the other threads are missing in the child, and the locks that
  /// they held stay locked.
  ///
  /// - Throws: The error of `socketpair` or `fork`: too many descriptors, no memory, too many processes.
  package init(_ work: ([UInt8]) -> [UInt8]) throws(IOFailure) {
    let name = "a worker process"
    var ends: (CInt, CInt) = (-1, -1)
    _ = try attempting(.create(name)) { () throws(Errno) in
      try systemCall("socketpair(AF_UNIX, SOCK_SEQPACKET, 0)", note: " {\(ends.0), \(ends.1)}") {
        unsafe withUnsafeMutableBytes(of: &ends) {
          unsafe socketpair(
            AF_UNIX, Platform.sequencedPacketSocket | Platform.closeOnExec, 0,
            $0.assumingMemoryBound(to: CInt.self).baseAddress)
        }
      }
    }
    socket = Descriptor(adopting: ends.0)
    let theirs = Descriptor(adopting: ends.1)
    let parent = getpid()
    Trace.expectProcesses()
    identifier = try attempting(.create(name)) { () throws(Errno) in try systemCall("fork()") { fork() } }
    if identifier == 0 { Self.serve(on: theirs.number.rawValue, parent: parent, work) }
  }

  deinit { end() }

  /// The descriptor to wait on: readable once an answer has arrived or the worker has ended.
  package var descriptor: FileDescriptor { socket.number }

  /// Sends a request to a worker that has answered the last one, and so takes it at once.
  ///
  /// - Returns: Whether the worker could be sent the request.
  package func request(_ message: [UInt8]) -> Bool {
    while let transfer = try? Transfer.send(to: descriptor, from: message.span) {
      if case .moved = transfer { return true }
      // The kernel may be short of memory for a moment.
      guard (try? descriptor.wait(for: .writable, until: .never)) != nil else { return false }
    }
    return false
  }

  /// The state of an answer.
  package enum Answer: Equatable, Sendable {
    /// The answer to the last request.
    case message([UInt8])
    /// Nothing yet.
    case nothing
    /// The worker has ended without an answer.
    case ended
  }

  /// Takes the answer without waiting, using `scratch` as the buffer, which must have room for the largest answer.
  package func answer(using scratch: inout [UInt8]) -> Answer {
    var buffer = scratch.mutableSpan
    do {
      switch try Transfer.receive(from: descriptor, into: &buffer) {
      case .moved(let count): return .message(Array(scratch.prefix(count)))
      case .wouldBlock: return .nothing
      case .endOfStream: return .ended
      }
    } catch {
      // A worker that ended with a request unread resets the connection.
      return .ended
    }
  }

  /// Kills the worker and waits until it has ended, which takes negligible time.
  ///
  /// - Returns: How it ended, such as `signal 11`; a worker that had already ended reports its own reason.
  @discardableResult
  package func end() -> String {
    guard !isReaped else { return "ended before" }
    isReaped = true
    _ = try? systemCall("kill(\(identifier), SIGKILL)") { kill(identifier, SIGKILL) }
    var status: CInt = 0
    _ = try? systemCall("waitpid(\(identifier), 0)") { unsafe waitpid(identifier, &status, 0) }
    // WIFSIGNALED, WTERMSIG and WEXITSTATUS, which are macros.
    let signal = status & 0x7F
    return signal == 0 ? "status \(status >> 8 & 0xFF)" : "signal \(signal)"
  }

  // MARK: In the child

  /// Answers requests until the parent closes the socket.
  private static func serve(on socket: CInt, parent: pid_t, _ work: ([UInt8]) -> [UInt8]) -> Never {
    do {
      _ = try systemCall("prctl(PR_SET_PDEATHSIG, SIGKILL)") { csockkit_end_with_parent(parent) }
      try ChildProcess.keepOnly(socket)
      var storage = [UInt8](repeating: 0, count: largestRequest)
      while true {
        let count = try systemCall("recv(\(STDIN_FILENO), \(storage.count))") {
          unsafe recv(STDIN_FILENO, &storage, storage.count, 0)
        }
        guard count > 0 else { _exit(0) }
        let answer = work(Array(storage.prefix(count)))
        _ = try systemCall("send(\(STDIN_FILENO), \(answer.count))") {
          unsafe send(STDIN_FILENO, answer, answer.count, Platform.noSignal)
        }
      }
    } catch {
      // The only place to report to is the parent, which sees that the worker has ended.
      _exit(1)
    }
  }
}
