// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Testing

/// Header fields that are added to every answer, and leave for the pages of other sites.
@Suite(.timeLimit(.minutes(1)))
struct HTTPHeaderTests {
  @Test(arguments: [
    ("Cache-Control: no-store", "Cache-Control: no-store"), ("X-A:b:c", "X-A: b:c"),
    ("X-A: \t b c \t", "X-A: b c"),
    ("X-Empty:", "X-Empty: "), ("X-A: ü", "X-A: ü"),
  ])
  func `a field is in every answer, errors too`(text: String, line: String) throws {
    var settings = HTTPSettings()
    settings.fields = [try HTTPAddedField(text), try HTTPAddedField("X-Second: 2")]
    for target in ["/", "/%zz"] {
      let outcome = HTTPExchange.outcome(of: request(target), settings)
      #expect(outcome.text.contains("\r\n\(line)\r\nX-Second: 2\r\n\r\n"), "\(outcome.text)")
    }
  }

  @Test(arguments: [
    "", ":", ": x", "no colon", "X A: b", "X-A : b", "X-A: b\r\nX-B: c", "X-A: b\n", "X-A\r\n: b",
    "X-A: \u{0}",
    "X-A: \u{7F}", "X-Ü: b", "X-A: \u{10FEFF}",
  ])
  func `what is not a field is refused, above all a second line`(text: String) {
    #expect(throws: HTTPAddedField.Fault.malformed) { _ = try HTTPAddedField(text) }
  }

  @Test(arguments: [
    "Content-Length: 5", "transfer-encoding: chunked", "CONNECTION: close", "Date: now", "ETag: \"x\"",
  ])
  func `a field that the server sets itself is refused`(text: String) {
    #expect(throws: HTTPAddedField.Fault.reserved) { _ = try HTTPAddedField(text) }
  }

  @Test func `pages of other sites may read what is shared, and ask before`() {
    var settings = HTTPSettings()
    settings.isShared = true
    let read = HTTPExchange.outcome(of: request("/", "Origin: http://other"), settings)
    #expect(read.status == 200 && read.field("Access-Control-Allow-Origin") == "*")
    #expect(read.field("Access-Control-Expose-Headers") == "*")
    let missing = HTTPExchange.outcome(of: request("/%00"), settings)
    #expect(missing.status == 400 && missing.field("Access-Control-Allow-Origin") == "*")
    for target in ["/", "/sub/none", "*"] {
      let asked = HTTPExchange.outcome(
        of: request(
          target, method: "OPTIONS", "Origin: http://other", "Access-Control-Request-Method: GET"), settings)
      #expect(asked.status == 204 && asked.field("Access-Control-Allow-Methods") == "GET, HEAD")
      #expect(asked.field("Access-Control-Allow-Headers") == "*, Authorization")
      #expect(
        asked.field("Access-Control-Max-Age") == "86400" && asked.field("Allow") == "GET, HEAD, OPTIONS")
      #expect(asked.field("Content-Length") == nil && !asked.isOver && asked.body.isEmpty)
    }
    let other = HTTPExchange.outcome(of: request("/", method: "DELETE"), settings)
    #expect(other.status == 405 && other.field("Allow") == "GET, HEAD, OPTIONS")
  }

  @Test func `without leave there is none`() {
    let outcome = HTTPExchange.outcome(of: request("/", "Origin: http://other"))
    #expect(!outcome.text.contains("Access-Control"))
    let asked = HTTPExchange.outcome(of: request("/", method: "OPTIONS"))
    #expect(asked.status == 405 && !asked.text.contains("Access-Control"))
  }
}
