// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// The side of a copier that failed, with the error.
package enum SideFailure: Error, Equatable {
  /// The source failed.
  case source(IOFailure)
  /// The sink failed.
  case sink(IOFailure)
  /// The recording of the traffic could not be written.
  case recording(IOFailure)

  /// The error.
  package var cause: IOFailure {
    switch self {
    case .source(let error), .sink(let error), .recording(let error): error
    }
  }
}

extension Errno {
  /// Whether `splice` or `sendfile` reports by it that the descriptors are of an unsupported kind.
  var meansUnsupported: Bool { self == .invalidArgument || self == .notSupported || self == .noFunction }

  /// Whether only a connection, and no file, fails with this error.
  var isOfConnection: Bool { endsConnection || self == .noBufferSpace }

  /// Whether the error means that the connection no longer exists, so that receiving ends, too.
  fileprivate var endsConnection: Bool {
    [
      Errno.brokenPipe, .connectionReset, .connectionAbort, .connectionRefused, .socketNotConnected,
      .timedOut, .noRouteToHost, .hostIsDown, .networkDown, .networkUnreachable,
    ].contains(self)
  }
}

extension IOFailure {
  /// Whether the connection is of no further use, so that receiving ends, too. What has arrived is still passed on.
  package var endsConnection: Bool {
    switch reason {
    case .errno(let code): code.endsConnection
    case .peerProtocol, .untrusted, .misnamed, .truncated, .unavailable: true
    case .malformed, .missing: false
    }
  }
}
