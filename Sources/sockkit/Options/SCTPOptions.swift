// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions
import Sockets

/// Whether a client connects over SCTP, for a command without other socket options.
struct SCTPOptions: ParsableArguments {
  @Flag(help: "Use SCTP instead of TCP.")
  var sctp = false

  /// Adds the option to the settings of a connection.
  ///
  /// - Throws: A usage error if it does not apply to the endpoint, or to a proxy.
  func apply(to dialing: inout DialSettings) throws {
    guard sctp else { return }
    if let kind = dialing.endpoint.kindBesidesIP {
      throw ValidationError("--sctp does not apply to \(kind)")
    }
    if dialing.proxies != nil { throw ValidationError("--proxy and --sctp exclude each other") }
    dialing.settings.streamProtocol = .sctp
  }
}

/// Whether a forwarder connects to its target over SCTP.
struct SCTPTargetOptions: ParsableArguments {
  @Flag(help: "Connect to the target over SCTP; --sctp is for clients.")
  var sctpTarget = false
}
