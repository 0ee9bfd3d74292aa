// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a request is not granted.
struct HTTPError: Error, Equatable, Sendable {
  /// The status of the answer.
  let status: HTTPStatus
  /// The reason in words, for whoever reads the answer; nothing in it is the client's.
  let reason: String

  /// Creates a problem.
  init(_ status: HTTPStatus, _ reason: String) {
    self.status = status
    self.reason = reason
  }

  /// A request that breaks the rules of the protocol.
  static func malformed(_ reason: String) -> HTTPError { HTTPError(.badRequest, reason) }

  /// The one answer for what is not there and for what is nobody's business.
  static let notFound = HTTPError(.notFound, "there is no such file here")
}
