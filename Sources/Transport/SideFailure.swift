// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// Which side of a copier failed, and why.
package enum SideFailure: Error, Equatable {
  /// The source failed.
  case source(SystemError)
  /// The sink failed.
  case sink(SystemError)
  /// The record of what moved could not be written.
  case recording(SystemError)

  /// Why it failed.
  package var cause: SystemError {
    switch self {
    case .source(let error), .sink(let error), .recording(let error): error
    }
  }
}

extension Errno {
  /// Whether `splice` or `sendfile` means by it that the descriptors are not of the right kind.
  var meansUnsupported: Bool { self == .invalidArgument || self == .notSupported || self == .noFunction }

  /// Whether only a connection fails in this way, and no file.
  var isOfConnection: Bool { endsConnection || self == .noBufferSpace }

  /// Whether the connection is gone that failed in this way, so that receiving comes to an end, too.
  package var endsConnection: Bool {
    [
      Errno.brokenPipe, .connectionReset, .connectionAbort, .connectionRefused, .socketNotConnected,
      .timedOut, .noRouteToHost, .hostIsDown, .networkDown, .networkUnreachable,
    ].contains(self)
  }
}
