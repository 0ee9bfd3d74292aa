// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Serves connections in one thread, turn by turn, beside what else its thread watches.
protocol ServingLoop: AnyObject, SendableMetatype {
  /// Watches something else for whoever turns the loop.
  ///
  /// - Parameter isUrgent: Whether nobody is let in before it is attended to.
  func watch(_ descriptor: FileDescriptor, isUrgent: Bool) throws(SystemError)
  /// Watches something no longer.
  func ignore(_ descriptor: FileDescriptor) throws(SystemError)
  /// Whether there is somebody to serve, or may be: until it is told to stop, and then until whoever is connected is
  /// done or the grace is over.
  var isServing: Bool { get }
  /// Waits for what comes next, and does what it asks for.
  ///
  /// - Returns: What of the things that are watched beside is ready.
  func turn() throws(SystemError) -> [FileDescriptor]
  /// Lets nobody in any more, and those go who are owed nothing.
  func stop() throws(SystemError)
  /// Ends those that are left.
  func endAll()
}
