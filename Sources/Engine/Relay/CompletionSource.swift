// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
package import Transport

/// A participant besides the streams that determines when a relay ends.
package protocol CompletionSource: AnyObject {
  /// The descriptor that is readable when `attend` must be called; `nil` if nothing is awaited.
  var wakeup: FileDescriptor? { get }
  /// When `attend` must be called at the latest.
  var nextLook: Deadline { get }

  /// Does the work that is due.
  ///
  /// - Parameter received: The bytes received from the peer so far.
  /// - Returns: Whether the relay need not wait for the peer any longer, once the peer has everything that is sent.
  func attend(received: TransferCounters) -> Bool
}
