// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A child process that answers requests, one message each way: work that cannot be cancelled can at least be
/// killed there.
///
/// The two talk over a pair of `SOCK_SEQPACKET` sockets, which keep messages apart and tell each side when the
/// other is gone. A worker ends with its parent, however that ends, and when its owner lets go of it.
package final class WorkerProcess {
  /// The most bytes of an answer. It fits into the default send buffer, which bounds a message.
  package static let largestAnswer = 192 << 10

  /// The most bytes of a request.
  package static let largestRequest = 4096

  private let socket: Descriptor
  private let identifier: pid_t
  private var isReaped = false

  /// Forks a process that answers with what `work` makes of each request.
  ///
  /// A process that has threads cannot do this: the others are missing in the child, with what they had locked.
  ///
  /// - Throws: What `socketpair` or `fork` says: too many descriptors, no memory, too many processes.
  package init(_ work: ([UInt8]) -> [UInt8]) throws(SystemError) {
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

  /// The descriptor to wait on: readable once an answer has come or the worker has ended.
  package var number: FileDescriptor { socket.number }

  /// Hands a request over.
  ///
  /// - Returns: Whether there is a worker to take it.
  package func request(_ message: [UInt8]) -> Bool {
    guard case .moved? = try? Transfer.send(to: number, from: message.span) else { return false }
    return true
  }

  /// What has come from a worker.
  package enum Answer: Equatable, Sendable {
    /// The answer to the last request.
    case message([UInt8])
    /// Nothing yet.
    case nothing
    /// The worker has ended without an answer.
    case ended
  }

  /// Takes the answer, without waiting for it, by way of `scratch`, which has room for the largest one.
  package func answer(using scratch: inout [UInt8]) -> Answer {
    var buffer = scratch.mutableSpan
    do {
      switch try Transfer.receive(from: number, into: &buffer) {
      case .moved(let count): return .message(Array(scratch.prefix(count)))
      case .wouldBlock: return .nothing
      case .endOfStream: return .ended
      }
    } catch {
      // A worker that ended with a request unread resets the connection.
      return .ended
    }
  }

  /// Kills the worker and waits until it is gone, which takes no time to speak of.
  ///
  /// - Returns: How it ended, such as `signal 11`; one that had ended before shows its own reason.
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

  /// Answers requests until the parent lets go.
  private static func serve(on socket: CInt, parent: pid_t, _ work: ([UInt8]) -> [UInt8]) -> Never {
    do {
      try become(socket, childOf: parent)
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
      // Nobody is left to tell but the parent, which sees that the worker is gone.
      _exit(1)
    }
  }

  /// Puts the socket in the place of standard input and leaves nothing else of the parent open but standard
  /// error: the sockets of other workers would keep those from ever seeing their parent let go, and standard
  /// output the next program of a pipeline.
  private static func become(_ socket: CInt, childOf parent: pid_t) throws(Errno) {
    _ = try systemCall("prctl(PR_SET_PDEATHSIG, SIGKILL)") { csockkit_end_with_parent(parent) }
    _ = try systemCall("dup2(\(socket), \(STDIN_FILENO))") { dup2(socket, STDIN_FILENO) }
    csockkit_close_from(STDERR_FILENO + 1)
    // Last, because the number it takes may be the only one that is left.
    let null = try systemCall("open(\"/dev/null\", O_WRONLY)") { unsafe open("/dev/null", O_WRONLY) }
    _ = try systemCall("dup2(\(null), \(STDOUT_FILENO))") { dup2(null, STDOUT_FILENO) }
    _ = try systemCall("close(\(null))", retrying: false) { Glibc.close(null) }
  }
}
