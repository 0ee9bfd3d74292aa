// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets
import Text

/// The answer to a request, without the fields that depend on the connection.
struct HTTPResponse {
  /// The status.
  let status: HTTPStatus
  /// The header fields that depend on the answer, in order.
  var fields: [(name: String, value: String)] = []
  /// The body; `nil` for an answer without a length.
  var body: [Response.Part]?
  /// The body, if it is produced while it is sent.
  var stream: (any HTTPBodyStream)?

  /// Creates an answer.
  init(_ status: HTTPStatus, fields: [(name: String, value: String)] = [], body: [Response.Part]? = nil) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// The answer to a refused request: a line of text with the reason.
  init(_ problem: HTTPError) {
    self.init(problem.status, text: problem.reason)
  }

  /// An answer with a line of text that begins with the status.
  init(_ status: HTTPStatus, fields: [(name: String, value: String)] = [], text: String) {
    let line = "\(status.rawValue) \(status.phrase): \(text)\n"
    self.init(status, fields: fields + [("Content-Type", MediaType.text)], body: [.bytes(Array(line.utf8))])
  }

  /// The archive of a directory, to be stored by the client as a file.
  init(_ archive: DirectoryArchive, named name: PathName) {
    // Not a quote, a backslash, or anything but ASCII; the second form has the exact name (RFC 6266).
    let plain = name.bytes.map {
      (0x20...0x7E).contains($0) && !"\"\\".utf8.contains($0) ? $0 : UInt8(ascii: "_")
    }
    let exact = plain == name.bytes ? "" : "; filename*=UTF-8''\(PercentEncoding.encode(name.bytes))"
    self.init(
      .ok,
      fields: [
        ("Content-Type", "application/x-tar"),
        ("Content-Disposition", "attachment; filename=\"\(String(decoding: plain, as: UTF8.self))\"\(exact)"),
        ("X-Content-Type-Options", "nosniff"),
      ])
    stream = archive
  }

  /// The length of the body in bytes.
  var count: Int { body.map { $0.reduce(0) { $0 + $1.count } } ?? 0 }

  /// Appends the answer to a reply.
  ///
  /// - Parameters:
  ///   - hasBody: Whether the body is sent too, and not only the header, as for HEAD.
  ///   - connection: The value of `Connection`; `nil` leaves it out.
  ///   - isChunked: Whether a body that is produced while it is sent is chunked; otherwise the end of the connection ends it.
  ///   - added: Further lines of the header, each with its end.
  /// - Returns: The number of body bytes that are sent.
  func write(to reply: inout Response, hasBody: Bool, connection: String?, isChunked: Bool, added: String)
    -> Int
  {
    var head = "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\nDate: \(HTTPDate.text(HTTPDate.now))\r\n"
    for field in fields { head += "\(field.name): \(field.value)\r\n" }
    // Browsers must not guess from the content that it is HTML.
    if body != nil { head += "X-Content-Type-Options: nosniff\r\nContent-Length: \(count)\r\n" }
    if stream != nil, isChunked { head += "Transfer-Encoding: chunked\r\n" }
    if let connection { head += "Connection: \(connection)\r\n" }
    reply.append(Array("\(head)\(added)\r\n".utf8))
    guard hasBody, let body else { return 0 }
    for part in body { reply.append(part) }
    return count
  }
}
