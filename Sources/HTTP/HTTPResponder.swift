// SPDX-License-Identifier: GPL-3.0-or-later

/// What happens to the body of a request.
enum HTTPReception {
  /// It is read and discarded.
  case discarded
  /// The same, and the answer is an error that follows from the header.
  case refused(HTTPResponse)
  /// It is stored, up to a number of bytes as they are sent.
  case upload(any HTTPUpload, most: Int)
}

/// Determines the answer to a valid request.
struct HTTPResponder: Sendable {
  private let content: HTTPContent
  private let isShared: Bool
  private let users: UserList?

  /// The lines that are added to the header of every answer, each with its end.
  let addedLines: String

  /// Creates a responder for some content.
  init(_ content: HTTPContent, _ settings: HTTPSettings) {
    self.content = content
    isShared = settings.isShared
    users = settings.users
    addedLines = settings.addedLines
  }

  /// The value of `Allow`.
  private var allowed: String {
    (["GET", "HEAD"] + (isShared ? ["OPTIONS"] : []) + (content.takesUploads ? ["POST", "PUT"] : []))
      .joined(separator: ", ")
  }

  /// Whether a request is accepted, as far as its credentials decide that.
  enum Admission {
    case granted
    case refused
    /// It has credentials that have to be verified, which takes long.
    case unknown(UserVerification)
  }

  /// Decides about a request by its credentials. A preflight request of a browser never has any.
  func admission(of request: HTTPRequest) -> Admission {
    guard let users, !(isShared && request.line.method == .options) else { return .granted }
    guard let credentials = request.fields.single(.authorization).flatMap(BasicCredentials.init) else {
      return .refused
    }
    let verification = UserVerification(of: credentials, among: users)
    return verification.isGranted == true ? .granted : .unknown(verification)
  }

  /// The answer to a request without the credentials of a user.
  var demand: HTTPResponse {
    HTTPResponse(
      .unauthorized, fields: [("WWW-Authenticate", "Basic realm=\"sockkit\", charset=\"UTF-8\"")],
      text: "a user name and a password are required")
  }

  /// What happens to the body of a request, which is known after its header.
  func reception(of request: HTTPRequest) -> HTTPReception {
    let method = request.line.method
    switch method {
    case .get, .head: return .discarded
    case .options where isShared: return .discarded
    case .post, .put:
      do throws(HTTPError) {
        return try content.reception(of: request) ?? .refused(notAllowed(method))
      } catch {
        return .refused(HTTPResponse(error))
      }
    case .options, .refused: return .refused(notAllowed(method))
    case .unknown:
      return .refused(HTTPResponse(HTTPError(.notImplemented, "unknown method")))
    }
  }

  private func notAllowed(_ method: HTTPMethod) -> HTTPResponse {
    HTTPResponse(
      .methodNotAllowed, fields: [("Allow", allowed)], text: "\(method.name) is not allowed here")
  }

  /// An answer, or a closure that produces it.
  enum Answer {
    /// The answer.
    case ready(HTTPResponse)
    /// Produces the answer, which takes long.
    case later(@Sendable () -> HTTPResponse)
  }

  /// The answer to a request that is not refused.
  func answer(to request: HTTPRequest) -> Answer {
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
      case .archive(let archive, let name): return .ready(HTTPResponse(archive, named: name))
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
