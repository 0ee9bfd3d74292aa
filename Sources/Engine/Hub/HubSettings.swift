// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// The settings of a hub.
package struct HubSettings: Sendable {
  /// What every client is sent.
  package enum Supply: Sendable {
    /// Standard input, as long as the client is connected.
    case input
    /// Nothing; the connection is not half-closed for it.
    case nothing
    /// These bytes.
    case text([UInt8])
    /// The file at this path, as it is when the client connects.
    case file(String)
  }

  /// The destination of the clients' bytes.
  package enum Destination: Sendable {
    /// Standard output: the bytes of a single client unchanged, those of many as `mergesLines` says, optionally with a label
    /// before each line.
    case output(isLabelled: Bool)
    /// A file for each client.
    case files(ConnectionFiles)
    /// All other clients, unchanged or line by line as in a chat.
    case others(asChat: Bool)
    /// The bytes are discarded.
    case discarded
  }

  /// What a client is sent at once, before anything is received from it; the connection is not half-closed afterwards.
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
  /// What every client is sent. A text or a file is a reply: it is sent once bytes were received from the client, or it
  /// has ended.
  package var supply = Supply.input
  /// The destination of the clients' bytes.
  package var destination = Destination.output(isLabelled: false)
  /// Whether control characters in the clients' bytes are escaped on standard output, which is a terminal.
  package var isOutputGuarded = false
  /// Whether the labels of lines on standard output are coloured, a colour for each client.
  package var colorsLabels = false
  /// Whether the bytes of many clients are written to standard output line by line, rather than as they come.
  package var mergesLines = true
  /// How the members of a chat see each other.
  package var chat = ChatStyle.own
  /// Whether a signal ends the hub at once, as one for a single client, rather than after a time to finish.
  package var isEndedBySignal = false
  /// Whether there is a single client, with which the hub ends.
  package var isForOne = false
  /// The maximum number of simultaneous clients; further clients wait in the backlog.
  package var maximumConnections = 256
  /// Whether the connection to a client that has been sent everything is half-closed.
  package var halfCloses = true
  /// How long a client that has been sent everything stays connected; `nil` until it has finished itself.
  package var quitAfter: Duration?
  /// Whether a client is disconnected as soon as it has stopped sending.
  package var quitsOnPeerEnd = false
  /// Whether nothing more is sent to a client that has stopped sending, except for what is queued. One that connects after
  /// the end of input is then not half-closed before it has stopped.
  package var stopsSupplyOnPeerEnd = false
  /// How long a client that has sent something and ended is kept for standard input, if that has never had a byte: it
  /// may be open but unused. `nil` for as long as it takes.
  package var inputWait: Duration?
  /// The time by which a client must have connected.
  package var arrivalDeadline = Deadline.never
  /// The idle time of a client, and the deadline of the hub.
  package var limits = ConnectionLimits()
  /// The time that clients have to finish once the hub stops.
  package var grace = Duration.seconds(5)

  /// Creates the stream over a client's connection.
  package var makeStream: StreamMaking = { SocketStream($0, acknowledged: $1) }

  /// Creates settings for standard input and output.
  package init() {}

  /// Whether the bytes of a client are sent to the others.
  var isBroker: Bool {
    if case .others = destination { true } else { false }
  }

  /// Whether the clients' bytes are discarded.
  var isSendOnly: Bool {
    if case .discarded = destination { true } else { false }
  }
}
