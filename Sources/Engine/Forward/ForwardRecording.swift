// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization
package import Transport

/// The recording of the traffic of all forwarded connections, in any thread. It takes the target's point of view: the
/// bytes from clients are sent, those from the target received.
package final class ForwardRecording: Sendable {
  private let files: RecordFiles
  private let clients = Atomic(0)
  private let problem = Guarded<IOFailure?>(nil)

  /// Creates a recording in files.
  package init(in files: RecordFiles) { self.files = files }

  /// The recording of a new client's connection.
  func ofClient(_ client: Address) -> Recording {
    let number = clients.add(1, ordering: .relaxed).newValue
    return Recording(in: files, label: PeerLabel.text(client, number))
  }

  /// The first error of a recording, if any.
  var failure: IOFailure? { problem.withLock { $0 } }

  /// Notes an error of a recording; the first one is kept.
  func fail(_ error: IOFailure) { problem.withLock { $0 = $0 ?? error } }

  /// Closes the files.
  ///
  /// - Throws: The error of data that could not be written after all.
  package func close() throws(IOFailure) { try files.close() }
}
