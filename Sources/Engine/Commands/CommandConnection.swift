// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A connection that a command has for its standard input and output, from the command's start until the last byte of
/// what it wrote has arrived.
///
/// The bytes do not pass through here. What is done is to notice that the peer is gone, and to end the connection when the
/// command has ended, also for processes that it has left behind: in order if it exited by itself, with a reset if not.
package final class CommandConnection {
  /// What reads and writes the connection.
  package let command: RunningCommand
  /// The peer.
  package let remote: Address
  /// When it began.
  package let began = Deadline.now
  /// Why the connection broke, if it did.
  package private(set) var failure: SystemError?
  /// Whether the time was over before the command had ended, or what it wrote had arrived.
  package private(set) var isLate = false
  /// Whether the connection may be let go of.
  package private(set) var isOver = false

  private let socket: StreamSocket
  private var end: Deadline
  private var linger: LingeringClose?
  private var isHungUp = false
  private var hasFailed = false
  private var isHalfClosed = false

  /// Takes over a connection that a command was started on.
  ///
  /// - Parameter end: When everything has to be over.
  package init(_ socket: consuming StreamSocket, _ command: RunningCommand, until end: Deadline) {
    remote = socket.remote
    self.command = command
    self.end = end
    self.socket = socket
  }

  /// The connection's descriptor.
  package var number: FileDescriptor { socket.number }

  /// What to wait for on the connection: nothing but its failure while the command runs, whose bytes they are; `nil` if
  /// it has nothing more to tell.
  package var interest: Readiness? {
    guard let linger else { return isHungUp ? nil : [] }
    return linger.mayReceive ? .readable : nil
  }

  /// When to call `proceed` at the latest.
  package var deadline: Deadline {
    min(linger?.deadline ?? command.deadline, isLate ? .never : end)
  }

  /// Does what is due, without waiting for anything.
  ///
  /// - Parameters:
  ///   - readiness: What the connection turned out to be ready for.
  ///   - scratch: Room for what is read only to be discarded.
  package func proceed(_ readiness: Readiness, _ scratch: inout [UInt8], at now: Deadline) {
    if linger == nil {
      command.collect()
      if command.ending != nil { begin(at: now) } else { attend(readiness, at: now) }
    }
    if linger != nil, !isOver { finish(&scratch, at: now) }
  }

  /// While the command runs.
  private func attend(_ readiness: Readiness, at now: Deadline) {
    if readiness.hasBroken {
      // Without an error both sides have ended the connection in order, and a Unix socket says so where the peer has
      // closed it, whose bytes may still be unread. With one, nobody is left to work for. A command that has read the
      // error itself knows, and decides for itself; so it is left to the command, which would find an orderly end in
      // its place.
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

  /// The command has ended: nobody else may write from here on.
  private func begin(at now: Deadline) {
    linger = LingeringClose(at: now, isHalfClosed: command.endedInOrder)
    do throws(SystemError) {
      if hasFailed {
        throw SystemError(.receive(from: "\(remote)"), try socket.takeError() ?? .connectionReset)
      }
      guard command.endedInOrder else {
        // What it wrote before arrives before the reset, which also comes if we are ended first.
        if isLate { close() } else { try socket.resetOnClose() }
        return
      }
      // Without a connection nothing is confirmed any more, and the command may have read the error that told of it.
      isHalfClosed = true
      if try !socket.shutdownSending(), try socket.unacknowledgedBytes() > 0 {
        throw SystemError(.send(to: "\(remote)"), try socket.takeError() ?? .brokenPipe)
      }
    } catch {
      fail(error)
    }
  }

  /// Sees to it that what the command wrote arrives.
  private func finish(_ scratch: inout [UInt8], at now: Deadline) {
    do throws(SystemError) {
      try discard(&scratch, at: now)
      if linger?.isCheckDue(at: now) == true {
        if let code = try socket.takeError() { throw SystemError(.send(to: "\(remote)"), code) }
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
    if !linger.isDelivered { fail(SystemError(.send(to: "\(remote)"), .timedOut)) }
    close()
  }

  /// Ends the connection, also for the processes that the command has left behind with it: with a reset, unless all that
  /// was to be sent was sent.
  package func close() {
    guard !isOver else { return }
    if isHalfClosed { socket.shutdownBoth() } else { socket.abort() }
    isOver = true
  }

  /// Kills the command and resets the connection, because something failed on this side.
  func abort(because error: SystemError) {
    fail(error)
    command.abort()
    try? socket.resetOnClose()
    isOver = true
  }

  /// Reads what has come, but not for ever.
  private func discard(_ scratch: inout [UInt8], at now: Deadline) throws(SystemError) {
    for _ in 0..<Self.mostReads where linger?.mayReceive == true {
      do {
        var buffer = scratch.mutableSpan
        switch try Transfer.receive(from: number, into: &buffer) {
        case .moved: linger?.didReceive(at: now)
        case .endOfStream: linger?.didFinish()
        case .wouldBlock: return
        }
      } catch {
        throw SystemError(.receive(from: "\(remote)"), error)
      }
    }
  }

  private func fail(_ error: SystemError) {
    failure = failure ?? error
    linger?.didBreak()
  }

  /// How often is read at a time, before others have their turn.
  private static let mostReads = 16
}
