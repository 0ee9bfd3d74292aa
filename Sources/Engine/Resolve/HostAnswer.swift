// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The result of the look-up of one name.
package struct HostAnswer: Sendable {
  /// The name as it was given.
  package let query: String
  /// The host's entry, or the reason why it was not found.
  package let result: Result<HostEntry, LookupFailure>
  /// The duration of the look-up.
  package let duration: Duration

  /// Creates an answer.
  package init(query: String, result: Result<HostEntry, LookupFailure>, duration: Duration) {
    self.query = query
    self.result = result
    self.duration = duration
  }

  /// The failure with a message and an exit status, if it is one.
  package var failure: Failure? {
    guard case .failure(let failure) = result else { return nil }
    return Failure(ResolutionError(name: query, reason: failure.reason))
  }
}
