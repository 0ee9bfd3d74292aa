// SPDX-License-Identifier: GPL-3.0-or-later

/// The statuses of this server's answers (RFC 9110, section 15, RFC 6585 and RFC 4918).
package enum HTTPStatus: Int, CaseIterable, Sendable {
  case ok = 200
  case created = 201
  case noContent = 204
  case partialContent = 206
  case movedPermanently = 301
  case seeOther = 303
  case notModified = 304
  case badRequest = 400
  case unauthorized = 401
  case forbidden = 403
  case notFound = 404
  case methodNotAllowed = 405
  case requestTimeout = 408
  case conflict = 409
  case lengthRequired = 411
  case preconditionFailed = 412
  case contentTooLarge = 413
  case targetTooLong = 414
  case unsupportedMediaType = 415
  case rangeNotSatisfiable = 416
  case expectationFailed = 417
  case headerTooLarge = 431
  case internalError = 500
  case notImplemented = 501
  case unavailable = 503
  case versionNotSupported = 505
  case insufficientStorage = 507

  /// The reason phrase.
  package var phrase: String {
    switch self {
    case .ok: "OK"
    case .created: "Created"
    case .noContent: "No Content"
    case .partialContent: "Partial Content"
    case .movedPermanently: "Moved Permanently"
    case .seeOther: "See Other"
    case .notModified: "Not Modified"
    case .badRequest: "Bad Request"
    case .unauthorized: "Unauthorized"
    case .forbidden: "Forbidden"
    case .notFound: "Not Found"
    case .methodNotAllowed: "Method Not Allowed"
    case .requestTimeout: "Request Timeout"
    case .conflict: "Conflict"
    case .lengthRequired: "Length Required"
    case .preconditionFailed: "Precondition Failed"
    case .contentTooLarge: "Content Too Large"
    case .targetTooLong: "URI Too Long"
    case .unsupportedMediaType: "Unsupported Media Type"
    case .rangeNotSatisfiable: "Range Not Satisfiable"
    case .expectationFailed: "Expectation Failed"
    case .headerTooLarge: "Request Header Fields Too Large"
    case .internalError: "Internal Server Error"
    case .notImplemented: "Not Implemented"
    case .unavailable: "Service Unavailable"
    case .versionNotSupported: "HTTP Version Not Supported"
    case .insufficientStorage: "Insufficient Storage"
    }
  }
}

/// The reason why a request is refused.
package struct HTTPError: Error, Equatable, Sendable {
  /// The status of the answer.
  package let status: HTTPStatus
  /// The reason in words, for the reader of the answer; it contains no text from the client.
  package let reason: String

  /// Creates an error.
  init(_ status: HTTPStatus, _ reason: String) {
    self.status = status
    self.reason = reason
  }

  /// A request that breaks the rules of the protocol.
  package static func malformed(_ reason: String) -> HTTPError { HTTPError(.badRequest, reason) }

  /// The same answer for a file that does not exist and for one that must not be seen.
  static let notFound = HTTPError(.notFound, "there is no such file here")
}
