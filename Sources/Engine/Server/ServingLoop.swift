// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets

/// Serves connections in one thread, with a reactor in which its owner watches other things.
protocol ServingLoop: AnyObject, SendableMetatype {
  /// What it waits with. It is stopped once there is nothing to serve any more.
  var reactor: Reactor { get }
  /// Accepts nothing more; the connections that there are may finish within the grace.
  func stop()
  /// Ends those that are left.
  func endAll()
  /// What keeps it from serving anybody, if anything does; its reactor stops then.
  var failure: SystemError? { get }
}

extension ServingLoop {
  /// Nothing that befalls one connection keeps it from serving others.
  var failure: SystemError? { nil }
}
