// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// A child process that serves requests of this process, and of the processes that this one forks, which may no longer do
/// themselves what they request.
///
/// Each request is a message that brings a channel of its own, a pair of `SOCK_SEQPACKET` sockets, for the answers. The
/// process ends with the last one that can send it requests. Signals for the group, such as those of a terminal, are for its
/// parent, which decides what they mean.
package final class HelperProcess: Sendable {
  /// The largest request in bytes, which fits into the default send buffer.
  package static let largestRequest = 128 << 10

  /// The pause before a request is taken again after the system was short of memory.
  private static let shortagePause = Duration.milliseconds(20)

  private let socket: Descriptor

  /// Forks the process.
  ///
  /// A process with several threads must not do this: the other threads are missing in the child, and the locks that
  /// they held stay locked.
  ///
  /// - Parameter serve: Serves the requests that arrive at a descriptor, until end-of-stream.
  /// - Throws: The error of `socketpair` or `fork`: too many descriptors, no memory, too many processes.
  package init(_ serve: (FileDescriptor) throws(IOFailure) -> Void) throws(IOFailure) {
    let pair = try SocketPair(of: .messages)
    socket = try attempting(.create("a descriptor")) { () throws(Errno) in
      try Descriptor.duplicate(of: pair.near)
    }
    Trace.expectProcesses()
    let child = try attempting(.create("a helper process")) { () throws(Errno) in
      try systemCall("fork()") { fork() }
    }
    guard child == 0 else { return }
    // In the child the pair is closed with all other descriptors; its owner must not do so as well.
    withExtendedLifetime(pair) { () -> Void in _exit(Self.run(on: pair.far.rawValue, serve)) }
  }

  /// - Returns: The exit status of the process.
  private static func run(on socket: CInt, _ serve: (FileDescriptor) throws(IOFailure) -> Void) -> CInt {
    for number in signalsOfGroup { signal(number, SIG_IGN) }
    do {
      try ChildProcess.keepOnly(socket)
      try serve(.standardInput)
      return 0
    } catch {
      // The only place to report to is the parent, which sees that its requests have no answer.
      return 1
    }
  }

  private static let signalsOfGroup = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]

  /// Sends a request.
  ///
  /// - Parameters:
  ///   - message: The request, of at least one byte.
  ///   - descriptors: What is passed with it, at most two.
  /// - Returns: The channel of the answers, at its near end.
  /// - Throws: `EMFILE` and similar errors, `EMSGSIZE` if the request is too long, `EPIPE` if the process has ended.
  package func request(_ message: [UInt8], passing descriptors: [FileDescriptor] = []) throws(IOFailure)
    -> SocketPair
  {
    guard message.count <= Self.largestRequest else {
      throw IOFailure(.write("a helper process"), .messageTooLong)
    }
    var channel = try SocketPair(of: .messages)
    try socket.number.pass([channel.far] + descriptors, with: message, name: "a helper process")
    channel.closeFar()
    return channel
  }

  /// Receives the next request in the helper process, in blocking mode.
  ///
  /// - Returns: `nil` at end-of-stream. The first of the descriptors is the channel of the answers.
  package static func nextRequest(from socket: FileDescriptor) throws(IOFailure) -> PassedMessage? {
    while true {
      let message: PassedMessage?
      do throws(Errno) {
        message = try socket.takePassed(atMost: largestRequest)
      } catch .noMemory {
        // The request is still there, and so will be those that follow.
        Deadline.after(shortagePause).sleep()
        continue
      } catch {
        throw IOFailure(.read("requests"), error)
      }
      // Without a free descriptor, the channel is lost, and its other end reads end-of-stream.
      guard let message else { return nil }
      if !message.descriptors.isEmpty { return message }
    }
  }
}
