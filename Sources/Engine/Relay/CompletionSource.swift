// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
package import Transport

/// Somebody besides the streams who has a say in when a relay ends.
package protocol CompletionSource: AnyObject {
  /// Ready for reading when there is something to attend to; `nil` if nothing is awaited.
  var wakeup: FileDescriptor? { get }
  /// When to attend to it at the latest.
  var nextLook: Deadline { get }

  /// Does what is due.
  ///
  /// - Parameter received: What has come from the peer so far.
  /// - Returns: Whether the peer need not be waited for any more, once it has everything that is sent.
  func attend(received: TransferCounters) -> Bool
}
