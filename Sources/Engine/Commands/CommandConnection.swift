// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
package import Transport

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

  private let stream: SocketStream
  private var end: Deadline
  /// Ends the connection, once the command has ended.
  private var closing: LingeringClose?
  /// How the connection ends: with a reset until the command has exited by itself.
  private var rule = CloseRule.abort
  private var closingInterest: Readiness = []
  private var isHungUp = false
  private var hasFailed = false

  /// The time that a peer has to receive the output of a command that has ended.
  package static let closingTime = LingeringClose.Limits(
    silence: .seconds(1), total: .seconds(30), awaitsDelivery: true)

  /// Takes ownership of a connection that a command was started on.
  ///
  /// - Parameter end: The deadline for everything.
  package init(_ socket: consuming StreamSocket, _ command: RunningCommand, until end: Deadline) {
    remote = socket.remote
    self.command = command
    self.end = end
    stream = SocketStream(socket, acknowledged: 0)
  }

  /// The connection's descriptor.
  package var descriptor: FileDescriptor { stream.descriptor }

  /// The interest in the connection: only its failure while the command runs, which owns the bytes; `nil` if nothing
  /// more can be reported.
  package var interest: Readiness? {
    guard closing != nil else { return isHungUp ? nil : [] }
    return closingInterest.isEmpty ? nil : closingInterest
  }

  /// When to call `proceed` at the latest.
  package var deadline: Deadline {
    min(closing?.deadline ?? command.deadline, isLate ? .never : end)
  }

  /// Does the work that is due, without waiting.
  ///
  /// - Parameters:
  ///   - readiness: What the connection is ready for.
  ///   - resources: The memory for bytes that are read only to be discarded.
  package func proceed(_ readiness: Readiness, with resources: CopyResources, at now: Deadline) {
    if closing == nil {
      command.collect()
      if command.ending != nil { begin(at: now) } else { attend(readiness, at: now) }
    }
    if let closing, !isOver { proceed(closing, with: resources, at: now) }
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
    if command.endedInOrder, !hasFailed { rule = .orderly }
    closing = LingeringClose(rule, of: stream, within: Self.closingTime, at: now)
    do throws(IOFailure) {
      if hasFailed { throw stream.readError(try stream.takeError() ?? .errno(.connectionReset)) }
      guard rule == .abort else { return }
      // The output written before arrives before the reset, which is also sent if this process is killed first.
      if isLate { close() } else { stream.abortOnClose() }
    } catch {
      fail(error)
    }
  }

  /// Waits for the delivery of the command's output.
  private func proceed(_ closing: LingeringClose, with resources: CopyResources, at now: Deadline) {
    do throws(IOFailure) {
      let step = try closing.proceed(with: resources, at: now)
      if end <= now, !isLate {
        isLate = !closing.isDelivered
        return close()
      }
      switch step {
      case .await(let readiness): closingInterest = readiness
      case .over(isDelivered: true): close()
      case .over(isDelivered: false): throw IOFailure(.send(to: "\(remote)"), .timedOut)
      }
    } catch {
      fail(error)
    }
  }

  /// Ends the connection, even for processes that the command has left behind with it: with a reset, unless everything
  /// has been sent.
  package func close() {
    guard !isOver else { return }
    stream.end(rule)
    isOver = true
  }

  /// Kills the command and resets the connection, because of an error on this side.
  func abort(because error: IOFailure) {
    failure = failure ?? error
    command.abort()
    stream.abortOnClose()
    isOver = true
  }

  /// Ends a connection that broke.
  private func fail(_ error: IOFailure) {
    failure = failure ?? error
    close()
  }
}
