// SPDX-License-Identifier: GPL-3.0-or-later

import Services

/// An answer to a request, before it is known how the connection goes on.
struct HTTPResponse {
  /// What became of the request.
  let status: HTTPStatus
  /// The header fields that depend on what is answered, in order.
  var fields: [(name: String, value: String)] = []
  /// What is sent after the header; `nil` where there is nothing of which the length could be said.
  var body: [Response.Part]?

  /// Creates an answer.
  init(_ status: HTTPStatus, fields: [(name: String, value: String)] = [], body: [Response.Part]? = nil) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// The answer to a request that is not granted: a line of text that says why.
  init(_ problem: HTTPError) {
    self.init(problem.status, text: problem.reason)
  }

  /// An answer with a line of text that begins with the status.
  init(_ status: HTTPStatus, fields: [(name: String, value: String)] = [], text: String) {
    let line = "\(status.rawValue) \(status.phrase): \(text)\n"
    self.init(status, fields: fields + [("Content-Type", MediaType.text)], body: [.bytes(Array(line.utf8))])
  }

  /// The length of the body in bytes.
  var count: Int { body.map { $0.reduce(0) { $0 + $1.count } } ?? 0 }

  /// Adds the answer to a reply.
  ///
  /// - Parameters:
  ///   - hasBody: Whether the body is sent too, and not only what would precede it, as for HEAD.
  ///   - connection: What `Connection` says; `nil` leaves it out.
  /// - Returns: How many bytes of the body are sent.
  func write(to reply: inout Response, hasBody: Bool, connection: String?) -> Int {
    var head = "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\nDate: \(HTTPDate.text(HTTPDate.now))\r\n"
    for field in fields { head += "\(field.name): \(field.value)\r\n" }
    // Nobody is to guess that something is a page because it looks like one.
    if body != nil { head += "X-Content-Type-Options: nosniff\r\nContent-Length: \(count)\r\n" }
    if let connection { head += "Connection: \(connection)\r\n" }
    reply.append(Array("\(head)\r\n".utf8))
    guard hasBody, let body else { return 0 }
    for part in body { reply.append(part) }
    return count
  }
}
