// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// Malformed requests are refused, in the same way however they are cut into pieces.
@Suite(.timeLimit(.minutes(1)))
struct HTTPMalformedTests {
  /// A chunked body after its header.
  private static func chunked(_ body: String) -> String {
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
  }

  private static let requestLines = [
    (400, "GET /\r\nHost: h\r\n\r\n"), (400, "GET\r\n\r\n"),
    (400, "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET /  HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, " GET / HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"),
    (400, "GET / x HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET\t/\tHTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "G(T / HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GÉT / HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET / HTTP/1\r\nHost: h\r\n\r\n"), (400, "GET / HTTP/1.\r\nHost: h\r\n\r\n"),
    (400, "GET / HTTP/1.10\r\nHost: h\r\n\r\n"), (400, "GET / HTTP/11.1\r\nHost: h\r\n\r\n"),
    (400, "GET / http/1.1\r\nHost: h\r\n\r\n"), (400, "GET / HTTP/a.b\r\nHost: h\r\n\r\n"),
    (400, "GET / HTTPS/1.1\r\nHost: h\r\n\r\n"), (400, "GET / HTTP 1.1\r\nHost: h\r\n\r\n"),
    (505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"), (505, "GET / HTTP/0.9\r\nHost: h\r\n\r\n"),
    (505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), (505, "GET / HTTP/9.9\r\nHost: h\r\n\r\n"),
    (400, "GET x HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET * HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET /a\"b HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET /#f HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET /ü HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET /a\\b HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET /<x> HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET /%4 HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET /% HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET /../%00 HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET https://h/ HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET http://h:x/ HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET http://:80/ HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n"), (400, "CONNECT h HTTP/1.1\r\nHost: h\r\n\r\n"),
    (414, "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: h\r\n\r\n"),
    (414, String(repeating: "A", count: 9000)),
  ]

  private static let headers = [
    (400, "GET / HTTP/1.1\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"),
    (400, "GET / HTTP/1.0\r\nHost: h\r\nHost: i\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: h:80:80\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: h:8o\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h%4\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: [zzz]\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: []\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: [127.0.0.1]\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost : h\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost\t: h\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\tc\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h\r\n \r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h\r\nnothing\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h\r\nA b: x\r\n\r\n"), (400, "GET / HTTP/1.1\r\nHost: h\r\nÄ: x\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\r\n\r\n"),
    (400, "GET / HTTP/1.1\nHost: h\n\n"), (400, "GET / HTTP/1.1\r\nHost: h\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h\r\n\n"), (400, "GET / HTTP/1.1\r\nHost: h\r\nA: \0\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h\r\nA: \u{7F}\r\n\r\n"), (400, "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: h\r\nA: \u{1B}[2J\r\n\r\n"), (400, "\u{16}\u{3}\u{1}\u{2}\0\u{1}"),
    (431, "GET / HTTP/1.1\r\nHost: h\r\nA: \(String(repeating: "a", count: 40_000))\r\n\r\n"),
    (431, "GET / HTTP/1.1\r\nHost: h\r\n\(String(repeating: "A: b\r\n", count: 200))\r\n"),
    (417, request("/", "Expect: something")), (417, request("/", "Expect: 100-continue, x")),
  ]

  private static let framings = [
    (400, request("/", "Content-Length: ")), (400, request("/", "Content-Length: -1")),
    (400, request("/", "Content-Length: +1")), (400, request("/", "Content-Length: 1 1")),
    (400, request("/", "Content-Length: 0x1")), (400, request("/", "Content-Length: 1, 1")),
    (400, request("/", "Content-Length: 1", "Content-Length: 1") + "x"),
    (400, request("/", "Content-Length: 1", "Content-Length: 2") + "x"),
    (400, request("/", "Content-Length: ١")),
    (400, request("/", "Content-Length: 1", "Transfer-Encoding: chunked") + "0\r\n\r\n"),
    (400, request("/", "Transfer-Encoding: chunked", "Content-Length: 1") + "0\r\n\r\n"),
    (400, request("/", "Transfer-Encoding: chunked", version: "1.0") + "0\r\n\r\n"),
    (400, request("/", "Transfer-Encoding: chunked, chunked")),
    (400, request("/", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked")),
    (400, request("/", "Transfer-Encoding: ")), (400, request("/", "Transfer-Encoding: , chunked")),
    (400, request("/", "Transfer-Encoding: chunked;x=y")),
    (400, request("/", "Transfer-Encoding: chun\u{212A}ed")),
    (501, request("/", "Transfer-Encoding: gzip, chunked")),
    (501, request("/", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked")),
    (501, request("/", "Transfer-Encoding: identity, chunked")),
    (501, request("/", "Transfer-Encoding: x;y=z, CHUNKED")),
    (400, request("/", "Transfer-Encoding: gzip")), (400, request("/", "Transfer-Encoding: identity")),
    (400, request("/", "Transfer-Encoding: xchunked")),
    (400, request("/", "Transfer-Encoding: chunked, gzip")),
    (400, request("/", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip")),
    (400, request("/", "Transfer-Encoding: chunked, gzip, chunked")),
    (400, request("/", "Transfer-Encoding: gzip, chunked, chunked")),
    (400, request("/", "Transfer-Encoding: gzip, , chunked")),
    (400, request("/", "Transfer-Encoding: gzip, chunked, ")),
    (400, request("/", "Transfer-Encoding: g zip, chunked")),
    (400, request("/", "Transfer-Encoding: gzip, chunked", version: "1.0")),
    (400, request("/", "Transfer-Encoding: gzip, chunked", "Content-Length: 0")),
    (413, request("/", "Content-Length: 9999999")),
    (413, request("/", "Content-Length: 99999999999999999999999999")),
    (400, chunked("\r\n")), (400, chunked("g\r\n")), (400, chunked("-1\r\n")),
    (400, chunked("+1\r\nx\r\n0\r\n\r\n")),
    (400, chunked("0x1\r\n")), (400, chunked(" 1\r\nx\r\n0\r\n\r\n")), (400, chunked("1 \r\nx\r\n0\r\n\r\n")),
    (400, chunked("1\nx\r\n0\r\n\r\n")), (400, chunked("1\r\nxx\r\n0\r\n\r\n")),
    (400, chunked("2\r\nx\r\n0\r\n\r\n")),
    (400, chunked("1\r\nx\n0\r\n\r\n")), (400, chunked("1\r\nx0\r\n\r\n")),
    (400, chunked("1;\r\nx\r\n0\r\n\r\n")),
    (400, chunked("1;a=\r\nx\r\n0\r\n\r\n")), (400, chunked("1;a=\"b\r\nx\r\n0\r\n\r\n")),
    (400, chunked("1 a\r\nx\r\n0\r\n\r\n")), (400, chunked("1;a b\r\nx\r\n0\r\n\r\n")),
    (400, chunked("1;\(String(repeating: "a", count: 300))\r\nx\r\n0\r\n\r\n")),
    (400, chunked("0\r\nTrailer\r\n\r\n")), (400, chunked("0\r\n folded: x\r\n\r\n")),
    (400, chunked("0\r\nA: b\n\r\n")),
    (413, request("/", "Transfer-Encoding: chunked") + "fffff1\r\n"),
    (413, request("/", "Transfer-Encoding: chunked") + "ffffffffffffffffffff\r\n"),
    (431, chunked("0\r\nA: \(String(repeating: "a", count: 40_000))\r\n\r\n")),
    (431, chunked("0\r\n\(String(repeating: "A: b\r\n", count: 200))\r\n")),
  ]

  @Test(arguments: requestLines + headers + framings)
  func `a malformed request has one answer, which ends the session`(_ status: Int, _ text: String) {
    let whole = HTTPExchange.outcome(of: text)
    #expect(whole.statuses == [status], "\(whole.text)")
    #expect(whole.isOver && whole.field("Connection") == "close")
    for cut in HTTPExchange.Cut.allCases {
      #expect(HTTPExchange.outcome(of: text, cut: cut) == whole, "cut \(cut)")
    }
  }

  @Test func `nothing is heeded after a malformed request`() {
    let outcome = HTTPExchange.outcome(of: "GET / HTTP/1.1\r\n\r\n\(request("/"))\(request("/"))")
    #expect(outcome.statuses == [400])
  }

  @Test func `a request that ends early is answered, and silence is not`() {
    let early = HTTPExchange.outcome(of: "GET / HTTP/1.1\r\nHost: h\r\n")
    #expect(early.statuses == [400] && early.isOver)
    #expect(
      HTTPExchange.outcome(of: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx").statuses == [400])
    #expect(HTTPExchange.outcome(of: "\r").statuses == [400])
    for text in ["", "\r\n", request("/") + "\r\n"] {
      let outcome = HTTPExchange.outcome(of: text)
      #expect(!outcome.isOver && !outcome.statuses.contains(400), "\(text)")
    }
  }

  @Test(
    arguments: [
      "HEAD /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n", "HEAD / HTTP/2.0\r\n", "HEAD / x\r\n",
      "HEAD /\0", "HEAD /",
    ], HTTPExchange.Cut.allCases)
  func `the answer to a HEAD whose line is refused has no body`(_ line: String, cut: HTTPExchange.Cut) {
    let outcome = HTTPExchange.outcome(of: line, cut: cut)
    #expect(outcome.isOver && outcome.body == "" && outcome.field("Content-Length") != "0")
  }

  @Test func `the answer to a malformed HEAD has no body`() {
    let outcome = HTTPExchange.outcome(of: "HEAD / HTTP/1.1\r\nHost : h\r\n\r\n")
    #expect(outcome.status == 400 && outcome.body == "" && outcome.field("Content-Length") != "0")
  }
}
