// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage
import Text

/// The reason why a command fails: a message for the user, and an exit status for the shell.
package struct Failure: Error, Sendable {
  /// The exit status.
  package let status: ExitStatus
  /// One line: what was attempted, on what, and why it failed.
  package let message: String
  /// The error that it is about, for those who report it in other words; `nil` if the message alone says it.
  package let cause: Cause?

  /// The error that a failure is about.
  package enum Cause: Sendable {
    /// A failed system call.
    case operation(IOFailure)
    /// A failed name look-up.
    case resolution(ResolutionError)
    /// A connection that could not be opened.
    case connection(ConnectionError)
    /// A connection over which no byte came or went within this time.
    case idle(Duration)
  }

  /// Creates a failure from a status and a message.
  package init(_ status: ExitStatus, _ message: String, because cause: Cause? = nil) {
    self.status = status
    self.message = message
    self.cause = cause
  }

  /// The failure of a connection over which no byte came or went within a time.
  package init(idle limit: Duration, with peer: String) {
    self.init(
      .timedOut,
      "connection with \(peer): timed out after \(DurationFormat.describe(limit)) without a byte in either direction",
      because: .idle(limit))
  }

  /// Converts a failed system call; the status depends on the operation.
  package init(_ error: IOFailure) { self.init(ExitStatus(error), "\(error)", because: .operation(error)) }

  /// Converts a failed name look-up.
  package init(_ error: ResolutionError) {
    let status: ExitStatus =
      switch error.reason {
      case .unknownHost, .otherFamily, .unknownService, .portWithProtocol, .lookupForbidden: .unknownName
      case .portOutOfRange, .zoneMissing, .zoneUnknown: .usage
      case .timedOut, .unavailable: .timedOut
      case .system, .notPossible: .noResources
      }
    self.init(status, "\(error)", because: .resolution(error))
  }

  /// Converts a failure to connect.
  package init(_ error: ConnectionError) {
    let status: ExitStatus =
      switch error {
      case .failed(let cause): ExitStatus(cause)
      case .timedOut: .timedOut
      case .noAddressInFamily: .unknownName
      }
    self.init(status, "\(error)", because: .connection(error))
  }

  /// Converts a failure to connect, to a proxy or to the target itself.
  init(_ error: ConnectionError, ofProxy isProxy: Bool) {
    let (failure, action) = (Failure(error), "connect to ")
    guard isProxy, failure.message.hasPrefix(action) else {
      self = failure
      return
    }
    self.init(
      failure.status, "\(action)proxy \(failure.message.dropFirst(action.count))", because: failure.cause)
  }
}

extension Failure {
  /// Whether a connection has failed, and not a local stream or the system.
  package var isOfConnection: Bool {
    guard case .operation(let error)? = cause else { return status == .timedOut }
    return error.isOfConnection
  }
}

extension IOFailure {
  /// Whether the error concerns the connection, and not a local file or the system.
  package var isOfConnection: Bool {
    switch operation {
    case .receive, .send, .secure, .readHeader: true
    default: false
    }
  }
}

extension Failure: Equatable {
  /// Whether users see the same failure.
  package static func == (first: Failure, second: Failure) -> Bool {
    (first.status, first.message) == (second.status, second.message)
  }
}

/// Does `body`, and judges a system call that has failed in it.
package func judging<Value: ~Copyable>(_ body: () throws(IOFailure) -> Value) throws(Failure) -> Value {
  do { return try body() } catch { throw Failure(error) }
}

extension Errno {
  /// Whether the system lacks descriptors or memory, which is transient.
  var meansShortage: Bool {
    [.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory, .noBufferSpace].contains(self)
  }
}

extension ExitStatus {
  /// The status for a failed system call.
  package init(_ error: IOFailure) {
    if error.code.meansShortage {
      self = .noResources
      return
    }
    guard case .errno = error.reason else {
      if case (.set, .malformed) = (error.operation, error.reason) {
        self = .usage
      } else {
        self = Self.status(of: error.reason)
      }
      return
    }
    let isForbidden = error.code == .permissionDenied || error.code == .notPermitted
    self =
      switch error.operation {
      case .create, .wait: .noResources
      case .run where error.code == .resourceTemporarilyUnavailable: .noResources
      case .run: [.noSuchFileOrDirectory, .notDirectory].contains(error.code) ? .noCommand : .notExecutable
      case .createFile, .openDirectory: isForbidden ? .noPermission : .cannotCreate
      case .set: isForbidden ? .noPermission : .usage
      case .bind where error.code == .fileNameTooLong, .connect where error.code == .fileNameTooLong: .usage
      case .bind: isForbidden ? .noPermission : .cannotCreate
      case .connect where error.code == .timedOut: .timedOut
      // A refusal comes before the connection is established, these errors come after.
      case .connect where error.code == .connectionReset, .connect where error.code == .brokenPipe: .broken
      case .connect: isForbidden ? .noPermission : .unavailable
      // The handshake of TCP Fast Open happens with the first bytes.
      case .send where error.code == .connectionRefused, .receive where error.code == .connectionRefused:
        .unavailable
      case .sendDatagram where error.code == .messageTooLong: .dataError
      case .sendDatagram where error.code == .fileNameTooLong: .usage
      case .sendDatagram where Self.absences.contains(error.code): .unavailable
      case .sendDatagram where isForbidden: .noPermission
      case .read where error.code != .ioError: .noInput
      case .secure where error.code == .timedOut, .connectThrough where error.code == .timedOut,
        .sendThrough where error.code == .timedOut, .readHeader where error.code == .timedOut,
        .readRequest where error.code == .timedOut:
        .timedOut
      case .accept, .receive, .send, .sendDatagram, .read, .write, .secure, .connectThrough,
        .sendThrough, .readHeader, .readRequest:
        .broken
      }
  }

  /// The status for a reason that says enough by itself.
  private static func status(of reason: IOFailure.Reason) -> ExitStatus {
    switch reason {
    case .errno, .truncated: .broken
    case .peerProtocol: .protocolError
    case .untrusted, .misnamed: .noPermission
    case .malformed: .dataError
    case .missing: .noResources
    case .unavailable: .unavailable
    }
  }

  /// The errors of ICMP and the routing table for a peer that cannot be reached.
  private static let absences: [Errno] = [
    .connectionRefused, .noRouteToHost, .hostIsDown, .networkUnreachable, .networkDown,
    .protocolNotAvailable, .noSuchFileOrDirectory, .protocolWrongTypeForSocket, .notSocket,
    .addressNotAvailable,
  ]
}

/// The exit status of the program, after `sysexits.h` and, for commands, the convention of shells; stable across
/// versions.
package enum ExitStatus: Int32, CaseIterable, Sendable {
  /// Success; for a byte stream, everything read was passed on and the connection was closed in order.
  case success = 0
  /// Unknown or conflicting flags, or a bad value.
  case usage = 64
  /// Input data is wrong.
  case dataError = 65
  /// An input file cannot be read.
  case noInput = 66
  /// A host or service name is unknown.
  case unknownName = 68
  /// The peer is unavailable: refused, unreachable, no route.
  case unavailable = 69
  /// The system refused a resource: descriptors, memory, processes.
  case noResources = 71
  /// An address cannot be bound or an output file cannot be created.
  case cannotCreate = 73
  /// The connection or a file broke during the transfer.
  case broken = 74
  /// Time ran out.
  case timedOut = 75
  /// The peer broke the protocol.
  case protocolError = 76
  /// Permission was denied.
  case noPermission = 77
  /// A command exists but cannot be executed.
  case notExecutable = 126
  /// There is no such command.
  case noCommand = 127
}
