// SPDX-License-Identifier: GPL-3.0-or-later

/// The reason why a request is refused.
struct HTTPError: Error, Equatable, Sendable {
  /// The status of the answer.
  let status: HTTPStatus
  /// The reason in words, for the reader of the answer; it contains no text from the client.
  let reason: String

  /// Creates an error.
  init(_ status: HTTPStatus, _ reason: String) {
    self.status = status
    self.reason = reason
  }

  /// A request that breaks the rules of the protocol.
  static func malformed(_ reason: String) -> HTTPError { HTTPError(.badRequest, reason) }

  /// The same answer for a file that does not exist and for one that must not be seen.
  static let notFound = HTTPError(.notFound, "there is no such file here")
}
