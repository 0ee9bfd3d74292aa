// SPDX-License-Identifier: GPL-3.0-or-later

/// Decides what is answered to a request that keeps the rules.
struct HTTPResponder: Sendable {
  private let content: HTTPContent

  /// Creates a responder for some content.
  init(_ content: HTTPContent) { self.content = content }

  /// The answer to a method that is not offered; `nil` if it is.
  func refusal(of method: HTTPMethod) -> HTTPResponse? {
    switch method {
    case .get, .head: nil
    case .refused(let name):
      HTTPResponse(
        .methodNotAllowed, fields: [("Allow", HTTPMethod.allowed)], text: "\(name) is not offered here")
    case .unknown: HTTPResponse(HTTPProblem(.notImplemented, "this server does not know the method"))
    }
  }

  /// The answer to a request.
  func response(to request: HTTPRequest) -> HTTPResponse {
    let method = request.line.method
    if let refusal = refusal(of: method) { return refusal }
    // Targets without a path belong to methods that are refused.
    guard let path = request.line.target.path else { return HTTPResponse(HTTPProblem.notFound) }
    do {
      switch try content.answer(to: path) {
      case .found(let representation):
        return HTTPSelection(representation, for: request.fields, isRangeHeeded: method == .get).response
      case .directory:
        let location = "\(path.directory)\(path.query)"
        return HTTPResponse(
          .movedPermanently, fields: [("Location", location)], text: "this is a directory: \(location)")
      }
    } catch {
      return HTTPResponse(error)
    }
  }
}
