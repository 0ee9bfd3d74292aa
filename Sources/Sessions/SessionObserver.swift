// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Transport

/// Receives the reports of a running session; the command line writes them to standard error.
package protocol SessionObserver: AnyObject, Sendable {
  /// Receives an event.
  func report(_ event: Event)
  /// Receives statistics.
  func report(_ statistics: any Statistics)
  /// Receives a line for people that is not an event.
  func note(_ text: String)
  /// Receives lines of a dump of one direction.
  func dump(_ lines: [String], _ direction: TrafficDirection)

  /// A signal has requested the end of a server, which accepts no further clients.
  func stopping(because signal: CInt)

  /// Whether normal events are reported, not only trouble.
  var isVerbose: Bool { get }
  /// Drops lines from now on instead of waiting for a reader: a log must not stop a server.
  func mayLose()
  /// Writes each line through a closure that makes room for it on the terminal; `nil` ends that.
  func writeAside(_ aside: (@Sendable (() -> Void) -> Void)?)
  /// Creates a display of the progress of a transfer.
  ///
  /// - Parameter inputSize: The number of bytes to send, if it is known.
  func makeProgress(inputSize: Int?) -> any TransferProgress
}

/// A display of the progress of a transfer.
package protocol TransferProgress: ProgressObserver {
  /// Shows the total at the end.
  func finish(_ report: Relay.Report)
}

/// Statistics of a connection, or of all connections of a session.
package protocol Statistics: Encodable {
  /// The statistics as lines for people.
  var lines: [String] { get }
}
