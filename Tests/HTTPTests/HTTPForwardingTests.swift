// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Testing

/// What a proxy makes of requests and answers, however they are split.
struct HTTPForwardingTests {
  private static func forwarded(_ text: String) throws -> HTTPForwardedRequest? {
    var (parser, index) = (HTTPProxyRequestParser(), 0)
    let bytes = Array(text.utf8)
    #expect(try parser.read(bytes.span, from: &index) && index == bytes.count)
    guard case .forward(let request)? = parser.request else { return nil }
    return request
  }

  @Test(arguments: [
    (
      "GET http://h/a?b HTTP/1.1\r\nHost: other\r\nAccept: */*\r\nProxy-Connection: keep-alive\r\n\r\n",
      "GET /a?b HTTP/1.1\r\nHost: h\r\nAccept: */*\r\nVia: 1.1 sockkit\r\nConnection: close\r\n\r\n"
    ),
    (
      "GET http://h:8080?b HTTP/1.0\r\nProxy-Authorization: x\r\n\r\n",
      "GET /?b HTTP/1.0\r\nHost: h:8080\r\nVia: 1.0 sockkit\r\nConnection: close\r\n\r\n"
    ),
    (
      "OPTIONS http://[::1] HTTP/1.0\r\nMax-Forwards: 2\r\n\r\n",
      "OPTIONS * HTTP/1.0\r\nHost: [::1]\r\nMax-Forwards: 1\r\nVia: 1.0 sockkit\r\nConnection: close\r\n\r\n"
    ),
    (
      "POST http://h/ HTTP/1.1\r\nHost: h\r\nConnection: x-a , TE\r\nconnection: X-B\r\nX-A: 1\r\nx-b: 2\r\n"
        + "TE: trailers\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nX-C: 3\r\nContent-Length: 3\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nX-C: 3\r\nContent-Length: 3\r\nVia: 1.1 sockkit\r\nConnection: close\r\n\r\n"
    ),
  ])
  func `a request is passed on without what concerns the proxy`(request: String, passed: String) throws {
    let result = try #require(try Self.forwarded(request))
    #expect(String(decoding: result.header, as: UTF8.self) == passed)
  }

  @Test(arguments: [
    ("Content-Length: 5", "abcde"), ("Transfer-Encoding: chunked", "5;x=y\r\nabcde\r\n0\r\nX: y\r\n\r\n"),
    ("X: y", ""),
  ])
  func `the end of a body is found, and nothing behind it is passed on`(field: String, text: String) throws {
    let request = try #require(try Self.forwarded("PUT http://h/ HTTP/1.1\r\nHost: h\r\n\(field)\r\n\r\n"))
    let bytes = Array(text.utf8) + Array("GET / HTTP/1.1\r\n".utf8)
    for step in 1...bytes.count {
      var (body, count) = (HTTPForwardedBody(request.framing), 0)
      for start in stride(from: 0, to: bytes.count, by: step) {
        #expect(body.isComplete == (count == text.utf8.count))
        count += try body.read(bytes[start..<min(start + step, bytes.count)].span)
      }
      #expect(count == text.utf8.count && body.isComplete)
    }
  }

  @Test(arguments: ["x\r\n", "5\r\nabcdefg", "1\r\na\r\n0\r\n y\r\n"])
  func `a chunked body that is malformed is refused`(text: String) {
    var body = HTTPForwardedBody(.chunked)
    #expect(throws: HTTPError.self) { _ = try body.read(Array(text.utf8).span) }
  }

  @Test(arguments: [
    (
      "HTTP/1.1 200 OK\r\nConnection: x-a, content-length\r\nX-A: 1\r\nContent-Length: 3\r\nKeep-Alive: 5\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nVia: 1.1 sockkit\r\nConnection: close\r\n\r\nabc"
    ),
    (
      "HTTP/1.1 100 Continue\r\nConnection: keep-alive\r\n\r\nHTTP/1.0 404\r\n\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404\r\nVia: 1.1 sockkit\r\nConnection: close\r\n\r\n\r\n"
    ),
    ("HTTP/1.0 200 OK\n\nhello\r\n\r\n", "HTTP/1.0 200 OK\n\nhello\r\n\r\n"),
    ("SSH-2.0-x\r\n\r\n", "SSH-2.0-x\r\n\r\n"), ("HTTP/1.1 200 OK\r\nX: y", "HTTP/1.1 200 OK\r\nX: y"),
    ("HTTP/1.1 200 OK\r\nX y\r\n\r\nz", "HTTP/1.1 200 OK\r\nX y\r\n\r\nz"), ("", ""),
    ("HTTP/1.1 200 OK\r\nXy\r\n\r\nz", "HTTP/1.1 200 OK\r\nXy\r\n\r\nz"),
    ("HTTP/1.x 200 OK\r\n\r\n", "HTTP/1.x 200 OK\r\n\r\n"),
  ])
  func `an answer says that the connection ends with it`(answer: String, passed: String) {
    let bytes = Array(answer.utf8)
    for step in 1...max(1, bytes.count) {
      var (response, output) = (HTTPForwardedResponse(), [UInt8]())
      for start in stride(from: 0, to: bytes.count, by: step) {
        response.read(bytes[start..<min(start + step, bytes.count)].span, &output)
      }
      response.end(&output)
      #expect(String(decoding: output, as: UTF8.self) == passed, "in pieces of \(step)")
    }
  }

  @Test func `a header without an end is passed on in bounded memory`() {
    let line = Array("X: \(String(repeating: "y", count: 1000))\r\n".utf8)
    var (response, output) = (HTTPForwardedResponse(), [UInt8]())
    let sent = Array("HTTP/1.1 200 OK\r\n".utf8) + Array(repeating: line, count: 100).joined()
    response.read(sent.span, &output)
    #expect(response.isComplete && output == sent)
  }
}
