// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// Why a command ends without having done its work: what to tell a person, and what to tell the shell.
package struct Failure: Error, Equatable, Sendable {
  /// The exit status.
  package let status: ExitStatus
  /// One line: what was attempted, on what, and why it failed.
  package let message: String

  /// Creates a failure of which everything is known.
  package init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// Judges a failed system call by what was attempted.
  package init(_ error: SystemError) { self.init(ExitStatus(error), "\(error)") }

  /// Judges a failed name look-up.
  package init(_ error: ResolutionError) {
    let status: ExitStatus =
      switch error.reason {
      case .unknownHost, .otherFamily, .unknownService, .lookupForbidden: .unknownName
      case .portOutOfRange, .zoneMissing, .zoneUnknown: .usage
      case .timedOut, .unavailable: .timedOut
      case .system, .notPossible: .noResources
      }
    self.init(status, "\(error)")
  }

  /// Judges a connection that did not come about.
  package init(_ error: ConnectionError) {
    switch error {
    case .failed(let cause): self.init(cause)
    case .timedOut: self.init(.timedOut, "\(error)")
    case .noAddressInFamily: self.init(.unknownName, "\(error)")
    }
  }
}

extension Errno {
  /// Whether the system lacks descriptors or memory, which passes.
  var meansShortage: Bool {
    [.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory, .noBufferSpace].contains(self)
  }
}

extension ExitStatus {
  /// The status for a failed system call.
  package init(_ error: SystemError) {
    if error.code.meansShortage {
      self = .noResources
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
      // A refusal comes before the connection stands, these come after.
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
      case .accept, .receive, .send, .sendDatagram, .read, .write: .broken
      }
  }

  /// What ICMP and the routing table say of a peer that cannot be reached.
  private static let absences: [Errno] = [
    .connectionRefused, .noRouteToHost, .hostIsDown, .networkUnreachable, .networkDown,
    .protocolNotAvailable, .noSuchFileOrDirectory, .protocolWrongTypeForSocket, .notSocket,
    .addressNotAvailable,
  ]
}
