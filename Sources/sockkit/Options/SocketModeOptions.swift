// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// The type of the connection's socket, and whether its calls block.
struct SocketModeOptions: ParsableArguments {
  @Flag(help: "Keep messages apart on a Unix socket (SOCK_SEQPACKET): each line is one.")
  var seqpacket = false

  @Flag(help: "Use blocking calls, to see them with --trace.")
  var blocking = false

  /// The flags, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] { [(seqpacket, "--seqpacket"), (blocking, "--blocking")] }

  /// Rejects options that exclude each other.
  func validate() throws {
    if seqpacket && blocking { throw ValidationError("--seqpacket and --blocking exclude each other") }
  }

  /// Rejects the first given flag of some that a mode excludes.
  ///
  /// - Parameter reason: The reason, beginning with the mode's own flag.
  static func refuse(_ flags: [(isGiven: Bool, name: String)], because reason: String) throws {
    guard let name = flags.first(where: \.isGiven)?.name else { return }
    throw ValidationError("\(reason): it excludes \(name)")
  }

  /// Rejects messages on a socket that is not a Unix socket.
  static func checkMessages(_ isSequenced: Bool, on endpoint: Endpoint) throws {
    if case .unix = endpoint { return }
    if case .inherited = endpoint { return }
    guard isSequenced else { return }
    throw ValidationError("--seqpacket requires a Unix socket: unix:PATH or -U PATH")
  }
}
