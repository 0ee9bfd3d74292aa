// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// What forwarded connections are held to.
package struct ForwardSettings: Sendable {
  /// How connections to the target are opened.
  package var connector = Connector()
  /// How the target's name is looked up.
  package var resolver = Resolver()
  /// How long the look-up and the connection of one client may take together; `nil` for as long as the system tries.
  package var connectLimit: Duration? = .seconds(10)
  /// After which time without a byte either way a connection is given up; `nil` for never.
  package var idle: Duration?
  /// How many bytes a second may pass, each way and for each connection; `nil` for as many as will.
  package var rate: Int?
  /// Keeps what passes; `nil` where nothing is kept.
  package var recording: ForwardRecording?
  /// How many connections are forwarded at a time; the rest waits in the backlog.
  package var maximumConnections = 256
  /// Whether that is what descriptors allow, and not what was asked for: a client that waits in vain is then reset after
  /// `connectLimit`.
  package var isLimitedByDescriptors = false
  /// How many pipes a loop may have for bytes that are under way.
  package var maximumPipes = 128
  /// How long open connections may take to finish once it is to stop.
  package var grace = Duration.seconds(5)
  /// Who may connect.
  package var access = AccessControl()

  /// What makes the stream over a client's connection.
  package var makeClientStream: StreamMaking = { SocketStream($0, acknowledged: $1) }
  /// What makes the stream over a connection to the target.
  package var makeTargetStream: StreamMaking = { SocketStream($0, acknowledged: $1) }

  /// Creates settings that limit little.
  package init() {}
}
