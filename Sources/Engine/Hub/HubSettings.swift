// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// What a hub does for its clients, and what it is held to.
package struct HubSettings: Sendable {
  /// What every client is sent.
  package enum Supply: Sendable {
    /// Standard input, as long as the client is connected.
    case input
    /// Nothing; the connection is not half-closed for it.
    case nothing
    /// These bytes, from their beginning.
    case text([UInt8])
    /// The file at this path, as it is when the client comes.
    case file(String)
  }

  /// Where goes what clients send.
  package enum Destination: Sendable {
    /// To standard output: that of the only client as it is, that of many line by line, each with a label in front of
    /// it if that is asked for.
    case output(isLabelled: Bool)
    /// To a file for each client.
    case files(ConnectionFiles)
    /// To all other clients, as it is or line by line as in a chat.
    case others(asChat: Bool)
    /// Nowhere.
    case nobody
  }

  /// What a client is sent at once, before anything is received from it; it is not half-closed for that.
  package enum Greeting: Sendable {
    /// These bytes.
    case text([UInt8])
    /// The file at this path, as it is when the client connects, up to `longestGreeting`.
    case file(String)
  }

  /// The longest greeting that is read from a file, in bytes; it is kept in memory for each client.
  package static let longestGreeting = 1 << 20

  /// What every client is sent at once; `nil` for nothing.
  package var greeting: Greeting?
  /// What every client is sent. A text or a file answers it: not before something was received from it, or it has ended.
  package var supply = Supply.input
  /// Where goes what clients send.
  package var destination = Destination.output(isLabelled: false)
  /// Whether what clients send could do harm to a terminal, and is escaped on standard output.
  package var isOutputGuarded = false
  /// Whether there is only one client, with whom all is over.
  package var isForOne = false
  /// How many clients there are at a time; the rest waits in the backlog.
  package var maximumConnections = 256
  /// Whether a client that has been sent everything is told so by a half-close.
  package var halfCloses = true
  /// How long a client stays that has been sent everything; `nil` for until it has finished itself.
  package var quitAfter: Duration?
  /// Whether a client leaves as soon as it has stopped sending.
  package var quitsOnPeerEnd = false
  /// How long standard input is awaited for a client that has ended, having sent something, while standard input has
  /// never brought a byte: it may be open and unused. `nil` for as long as it takes.
  package var inputWait: Duration?
  /// When somebody has to have come.
  package var arrivalDeadline = Deadline.never
  /// After which time without a byte either way a client is let go, and when all is over.
  package var limits = ConnectionLimits()
  /// How long clients may take to finish once the hub is to stop.
  package var grace = Duration.seconds(5)

  /// What makes the stream over a client's connection.
  package var makeStream: StreamMaking = { SocketStream($0, acknowledged: $1) }

  /// Creates settings for standard input and output.
  package init() {}

  /// Whether what one client sends goes to the others.
  var isBroker: Bool {
    if case .others = destination { true } else { false }
  }

  /// Whether nothing that clients send is kept.
  var isSendOnly: Bool {
    if case .nobody = destination { true } else { false }
  }
}
