// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization
package import Transport

/// What is kept of the traffic of all forwarded connections, in any thread: as the target's, to which a client's bytes are
/// sent.
package final class ForwardRecording: Sendable {
  private let files: RecordFiles
  private let clients = Atomic(0)
  private let problem = Mutex<SystemError?>(nil)

  /// Begins to record in files.
  package init(in files: RecordFiles) { self.files = files }

  /// The recording of another client's connection.
  func ofClient(_ client: Address) -> Recording {
    let number = clients.add(1, ordering: .relaxed).newValue
    return Recording(in: files, label: PeerLabel.text(client, number))
  }

  /// Why something could not be recorded, if it could not.
  var failure: SystemError? { problem.withLock { $0 } }

  /// Takes note of why something could not be recorded; the first reason counts.
  func fail(_ error: SystemError) { problem.withLock { $0 = $0 ?? error } }

  /// Closes the files.
  ///
  /// - Throws: What one reports that could not be written after all.
  package func close() throws(SystemError) { try files.close() }
}
