// SPDX-License-Identifier: GPL-3.0-or-later

/// Determines the answer to a valid request.
struct HTTPResponder: Sendable {
  private let content: HTTPContent
  private let isShared: Bool

  /// The lines that are added to the header of every answer, each with its end.
  let addedLines: String

  /// Creates a responder for some content.
  init(_ content: HTTPContent, _ settings: HTTPSettings) {
    self.content = content
    isShared = settings.isShared
    addedLines = settings.addedLines
  }

  /// The value of `Allow`.
  private var allowed: String { (["GET", "HEAD"] + (isShared ? ["OPTIONS"] : [])).joined(separator: ", ") }

  /// The answer to a method that is not offered; `nil` if it is offered.
  func refusal(of method: HTTPMethod) -> HTTPResponse? {
    switch method {
    case .get, .head: nil
    case .options where isShared: nil
    case .options, .refused:
      HTTPResponse(
        .methodNotAllowed, fields: [("Allow", allowed)], text: "\(method.name) is not offered here")
    case .unknown: HTTPResponse(HTTPError(.notImplemented, "this server does not know the method"))
    }
  }

  /// An answer, or a closure that produces it.
  enum Answer {
    /// The answer.
    case ready(HTTPResponse)
    /// Produces the answer, which takes long.
    case later(@Sendable () -> HTTPResponse)
  }

  /// The answer to a request.
  func answer(to request: HTTPRequest) -> Answer {
    if let refusal = refusal(of: request.line.method) { return .ready(refusal) }
    guard request.line.method != .options else {
      return .ready(HTTPResponse(.noContent, fields: [("Allow", allowed)] + CrossOrigin.preflight))
    }
    // Targets without a path are valid only for OPTIONS, and for a method that is refused.
    guard let path = request.line.target.path else { return .ready(HTTPResponse(HTTPError.notFound)) }
    do {
      switch try content.answer(to: path, request.fields) {
      case .found(let representation): return .ready(Self.response(to: request, representation))
      case .later(let make):
        return .later {
          do throws(HTTPError) { return Self.response(to: request, try make()) } catch {
            return HTTPResponse(error)
          }
        }
      case .directory:
        let location = "\(path.directory)\(path.query)"
        return .ready(
          HTTPResponse(
            .movedPermanently, fields: [("Location", location)], text: "this is a directory: \(location)"))
      }
    } catch {
      return .ready(HTTPResponse(error))
    }
  }

  private static func response(to request: HTTPRequest, _ representation: Representation) -> HTTPResponse {
    HTTPContentNegotiation(
      representation, for: request.fields, isRangeHeeded: request.line.method == .get
    ).response
  }
}
