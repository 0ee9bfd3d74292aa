// SPDX-License-Identifier: GPL-3.0-or-later

package import Handshakes
package import Sockets
package import Transport

/// The settings of forwarded connections.
package struct ForwardSettings: Sendable {
  /// Creates the stream over a connection to the target, with the number of bytes acknowledged before, the stream of the
  /// client that it is for, and the target that the client has asked for, if the connection is one to a proxy.
  package typealias TargetStreamMaking =
    @Sendable (consuming StreamSocket, Int?, any ByteStream, ProxyTarget?) -> any ByteStream

  /// How connections to the target are opened.
  package var connector = Connector()
  /// How the target's name is looked up.
  package var resolver = Resolver()
  /// The time for the look-up and the connection of one client together; `nil` for as long as the system keeps trying.
  package var connectLimit: Duration? = .seconds(10)
  /// The time without a byte in either direction after which a connection is given up; `nil` for never.
  package var idle: Duration?
  /// The maximum number of bytes per second, in each direction of each connection; `nil` for no limit.
  package var rate: Int?
  /// The recording of the traffic; `nil` for none.
  package var recording: ForwardRecording?
  /// The maximum number of simultaneous connections; further clients wait in the backlog.
  package var maximumConnections = 256
  /// Whether clients beyond that limit are closed at once instead.
  package var turnsAwayWhenFull = false
  /// Whether that limit follows from the available descriptors rather than from an option: a client that waits in vain
  /// is then reset after `connectLimit`.
  package var isLimitedByDescriptors = false
  /// The maximum number of pipes that a loop uses for bytes in transit.
  package var maximumPipes = 128
  /// The time that open connections have to finish once the forwarder stops.
  package var grace = Duration.seconds(5)
  /// Which peers may connect.
  package var access = AccessControl()

  /// Creates the stream over a client's connection.
  package var makeClientStream: StreamMaking = { SocketStream($0, acknowledged: $1) }
  /// Creates the stream over a connection to the target.
  package var makeTargetStream: TargetStreamMaking = { socket, acknowledged, _, _ in
    SocketStream(socket, acknowledged: acknowledged)
  }
  /// Creates settings with the default limits.
  package init() {}
}

/// An event of a forwarded connection.
package enum ForwardEvent: Sendable {
  /// A client was accepted or refused, or the system lacks a resource to accept more.
  case reception(ServerEvent)
  /// An address of the target did not answer, while others are still to be tried.
  case attemptFailed(IOFailure)
  /// A client was connected to the target, or to a proxy on the way to it, because of its request if it has sent one.
  case connected(client: Address, ProxyRequest?, from: Address, to: Address, over: StreamTransport)
  /// Datagrams are relayed for a client because of its request, at the address that it sends them to.
  case associated(client: Address, ProxyRequest, at: Address)
  /// A client could not be connected to the target, and was reset.
  case failed(client: Address, Failure)
  /// A connection broke or was given up; with the reason in words.
  case broken(client: Address, String)
  /// A connection to the target ended, with the numbers of bytes that the target and the client accepted.
  case closed(client: Address, toTarget: Int, toClient: Int, duration: Duration, end: StreamEnd? = nil)
}
