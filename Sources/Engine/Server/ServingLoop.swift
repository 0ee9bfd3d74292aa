// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets

/// Serves connections in one thread, with a reactor that its owner can use for other descriptors.
protocol ServingLoop: AnyObject, SendableMetatype {
  /// The reactor. It is stopped once nothing is left to serve.
  var reactor: Reactor { get }
  /// Stops accepting; open connections may finish within the grace period.
  func stop()
  /// Ends the remaining connections.
  func endAll()
  /// The error that keeps the loop from serving, if any; its reactor then stops.
  var failure: IOFailure? { get }
}

extension ServingLoop {
  /// Always `nil`: an error of one connection does not affect others.
  var failure: IOFailure? { nil }
}
