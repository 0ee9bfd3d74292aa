// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A connection that a command uses as its standard input and output, from the start of the command until the last byte
/// of its output has arrived.
///
/// The bytes do not pass through this process. It only detects that the peer is gone, and ends the connection when the
/// command has ended, even for processes that the command has left behind: in order if the command exited by itself,
/// with a reset if not.
package final class CommandConnection {
  /// The command that reads and writes the connection.
  package let command: RunningCommand
  /// The peer.
  package let remote: Address
  /// The start of the connection.
  package let began = Deadline.now
  /// The error that broke the connection, if any.
  package private(set) var failure: IOFailure?
  /// Whether the time was over before the command had ended and its output had arrived.
  package private(set) var isLate = false
  /// Whether the connection may be released.
  package private(set) var isOver = false

  private let socket: StreamSocket
  private var end: Deadline
  private var linger: LingeringClose?
  private var isHungUp = false
  private var hasFailed = false
  private var isHalfClosed = false

  /// Takes ownership of a connection that a command was started on.
  ///
  /// - Parameter end: The deadline for everything.
  package init(_ socket: consuming StreamSocket, _ command: RunningCommand, until end: Deadline) {
    remote = socket.remote
    self.command = command
    self.end = end
    self.socket = socket
  }

  /// The connection's descriptor.
  package var number: FileDescriptor { socket.number }

  /// The interest in the connection: only its failure while the command runs, which owns the bytes; `nil` if nothing
  /// more can be reported.
  package var interest: Readiness? {
    guard let linger else { return isHungUp ? nil : [] }
    return linger.mayReceive ? .readable : nil
  }

  /// When to call `proceed` at the latest.
  package var deadline: Deadline {
    min(linger?.deadline ?? command.deadline, isLate ? .never : end)
  }

  /// Does the work that is due, without waiting.
  ///
  /// - Parameters:
  ///   - readiness: What the connection is ready for.
  ///   - scratch: A buffer for bytes that are read only to be discarded.
  package func proceed(_ readiness: Readiness, _ scratch: inout [UInt8], at now: Deadline) {
    if linger == nil {
      command.collect()
      if command.ending != nil { begin(at: now) } else { attend(readiness, at: now) }
    }
    if linger != nil, !isOver { finish(&scratch, at: now) }
  }

  /// Handles events while the command runs.
  private func attend(_ readiness: Readiness, at now: Deadline) {
    if readiness.hasBroken {
      // Without an error, both sides have ended the connection in order; a Unix socket also reports this if the peer
      // has closed, although its bytes may still be unread. With an error, there is no peer left. The error itself is
      // left in the socket: a command that has read it can decide for itself, and would otherwise read an orderly end
      // in its place.
      isHungUp = true
      if readiness.contains(.failed) {
        hasFailed = true
        command.hangUp()
      }
    }
    if end <= now, !isLate {
      isLate = true
      command.hangUp()
    }
    command.noteTime(now)
  }

  /// Called when the command has ended: from here on nothing else may write.
  private func begin(at now: Deadline) {
    linger = LingeringClose(at: now, isHalfClosed: command.endedInOrder)
    do throws(IOFailure) {
      if hasFailed {
        throw IOFailure(.receive(from: "\(remote)"), try socket.takeError() ?? .connectionReset)
      }
      guard command.endedInOrder else {
        // The output written before arrives before the reset, which is also sent if this process is killed first.
        if isLate { close() } else { try socket.resetOnClose() }
        return
      }
      // Without a connection nothing is acknowledged any more, and the command may have read the error that reported
      // it.
      isHalfClosed = true
      if try !socket.shutdownSending(), try socket.unacknowledgedBytes() > 0 {
        throw IOFailure(.send(to: "\(remote)"), try socket.takeError() ?? .brokenPipe)
      }
    } catch {
      fail(error)
    }
  }

  /// Waits for the delivery of the command's output.
  private func finish(_ scratch: inout [UInt8], at now: Deadline) {
    do throws(IOFailure) {
      try discard(&scratch, at: now)
      if linger?.isCheckDue(at: now) == true {
        if let code = try socket.takeError() { throw IOFailure(.send(to: "\(remote)"), code) }
        linger?.didCheck(unconfirmed: try socket.unacknowledgedBytes(), at: now)
      }
    } catch {
      fail(error)
    }
    guard let linger else { return }
    if end <= now, !isLate {
      isLate = !linger.isDelivered
      return close()
    }
    guard linger.isOver(at: now) else { return }
    if !linger.isDelivered { fail(IOFailure(.send(to: "\(remote)"), .timedOut)) }
    close()
  }

  /// Ends the connection, even for processes that the command has left behind with it: with a reset, unless everything
  /// has been sent.
  package func close() {
    guard !isOver else { return }
    if isHalfClosed { socket.shutdownBoth() } else { socket.abort() }
    isOver = true
  }

  /// Kills the command and resets the connection, because of an error on this side.
  func abort(because error: IOFailure) {
    fail(error)
    command.abort()
    try? socket.resetOnClose()
    isOver = true
  }

  /// Reads and discards available bytes, up to a limit.
  private func discard(_ scratch: inout [UInt8], at now: Deadline) throws(IOFailure) {
    for _ in 0..<Self.mostReads where linger?.mayReceive == true {
      do {
        var buffer = scratch.mutableSpan
        switch try Transfer.receive(from: number, into: &buffer) {
        case .moved: linger?.didReceive(at: now)
        case .endOfStream: linger?.didFinish()
        case .wouldBlock: return
        }
      } catch {
        throw IOFailure(.receive(from: "\(remote)"), error)
      }
    }
  }

  private func fail(_ error: IOFailure) {
    failure = failure ?? error
    linger?.didBreak()
  }

  /// The maximum number of reads before other connections have their turn.
  private static let mostReads = 16
}
