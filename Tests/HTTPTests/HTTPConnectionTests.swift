// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Services
import Sockets
import Synchronization
import Testing

/// The sequence of requests on a connection, and its end.
@Suite(.timeLimit(.minutes(1)))
struct HTTPConnectionTests {
  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", true),
    ("GET / HTTP/1.1\r\nhOST:h\r\nConnection: keep-alive\r\n\r\n", true),
    ("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n", false),
    ("GET / HTTP/1.1\r\nHost: h\r\nConnection: x , close\r\n\r\n", false),
    ("GET / HTTP/1.1\r\nHost: h\r\nConnection: x\r\nConnection: close\r\n\r\n", false),
    ("GET / HTTP/1.1\r\nHost: h\r\nConnection: close, keep-alive\r\n\r\n", false),
    ("GET / HTTP/1.1\r\nHost: h\r\nConnection: closed\r\n\r\n", true),
    ("GET / HTTP/1.0\r\n\r\n", false), ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
    ("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false),
    ("GET / HTTP/1.9\r\nHost: h\r\n\r\n", true), ("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", true),
    ("GET / HTTP/1.1\r\nHost:\r\n\r\n", true), ("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", true),
    ("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080 \t\r\n\r\n", true),
    ("GET / HTTP/1.1\r\nHost: h\r\nA:\r\nB: \u{FF}\r\n\r\n", true),
    ("GET http://h/x?y HTTP/1.1\r\nHost: i\r\n\r\n", true),
    ("GET HTTP://h:80?y HTTP/1.1\r\nHost: i\r\n\r\n", true),
    ("GET /a[1]|{b}^`?%zz HTTP/1.1\r\nHost: i\r\n\r\n", true),
  ])
  func `a connection is kept or closed as the client says`(_ text: String, _ isKept: Bool) {
    let whole = HTTPExchange.outcome(of: text)
    #expect(whole.statuses == [200], "\(whole.text)")
    #expect(whole.body == "hello" && whole.field("Content-Length") == "5")
    #expect(whole.isOver == !isKept && (whole.field("Connection") == "close") == !isKept)
    #expect((whole.field("Connection") == "keep-alive") == (isKept && text.contains("HTTP/1.0")))
    for cut in HTTPExchange.Cut.allCases { #expect(HTTPExchange.outcome(of: text, cut: cut) == whole) }
  }

  @Test(arguments: HTTPExchange.Cut.allCases)
  func `pipelined requests are answered in order, with their bodies thrown away`(cut: HTTPExchange.Cut) {
    let chunks =
      "5;a=b;c=\"d\\\"\"\r\nGET /\r\n0001 ; x\r\n!\r\n000\r\nTrailer: x\r\nContent-Length: 7\r\n\r\n"
    let text =
      request("/") + request("/", method: "HEAD") + request("/", "Content-Length: 16") + "GET / HTTP/1.1\r\n"
      + request("/", method: "POST", "Transfer-Encoding: Chunked") + chunks + "\r\n"
      + request("/", method: "BREW")
      + request("/", "Content-Length: 0") + request("/", "Connection: close") + request("/")
    let outcome = HTTPExchange.outcome(of: text, cut: cut)
    #expect(outcome.statuses == [200, 200, 200, 405, 501, 200, 200], "\(outcome.text)")
    #expect(outcome.isOver)
  }

  @Test func `any number of pipelined requests is answered`() {
    var exchange = HTTPExchange()
    exchange.send(String(repeating: request("/"), count: 5000))
    let outcome = exchange.takeOutcome()
    #expect(outcome.statuses == Array(repeating: 200, count: 5000))
    #expect(!outcome.isOver && exchange.records.count == 5000)
    #expect(exchange.deadline == .never)
  }

  @Test func `a few requests are answered in one reply, and the others wait for the next`() {
    var limits = HTTPLimits()
    limits.answersPerReply = 2
    let service = HTTPService(.text([]), HTTPSettings(limits: limits))
    let session = service.makeSession(for: .unnamed)
    let five = Array(String(repeating: request("/"), count: 5).utf8)
    let pieces = [Array(five.dropLast(3)), [], Array(five.suffix(3))]
    var counts: [Int] = []
    var hadBacklog: [Bool] = []
    for piece in pieces {
      var reply = Response()
      session.receive(piece.span, reply: &reply)
      counts.append(Self.count(reply))
      hadBacklog.append(session.hasBacklog)
      #expect(session.deadline == .never || !session.hasBacklog)
    }
    #expect(hadBacklog == [true, true, false])
    #expect(counts == [2, 2, 1])
  }

  private static func count(_ reply: Response) -> Int {
    String(decoding: HTTPExchange.bytes(of: reply), as: UTF8.self).split(separator: "HTTP/1.1 200").count
  }

  @Test(arguments: ["OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE"])
  func `a known method is refused with those that are offered`(method: String) {
    let outcome = HTTPExchange.outcome(of: request("/", method: method))
    #expect(outcome.status == 405 && outcome.field("Allow") == "GET, HEAD" && !outcome.isOver)
  }

  @Test func `targets of other forms belong to methods that are refused`() {
    #expect(HTTPExchange.outcome(of: request("*", method: "OPTIONS")).status == 405)
    #expect(HTTPExchange.outcome(of: request("h:80", method: "CONNECT")).status == 405)
    #expect(HTTPExchange.outcome(of: request("/", method: "get")).status == 501)
  }

  @Test(arguments: HTTPExchange.Cut.allCases)
  func `a client that asks for leave to send its body gets it`(cut: HTTPExchange.Cut) {
    var exchange = HTTPExchange()
    exchange.send(request("/", "Content-Length: 2", "Expect: 100-Continue"), cut: cut)
    #expect(exchange.takeOutcome() == .init(text: "HTTP/1.1 100 Continue\r\n\r\n"))
    exchange.send("ab", cut: cut)
    #expect(exchange.takeOutcome().statuses == [200])
  }

  @Test func `leave is not given where there is nothing to send, nor to HTTP 1.0`() {
    let expectation = "Expect: 100-continue"
    #expect(HTTPExchange.outcome(of: request("/", expectation)).statuses == [200])
    #expect(HTTPExchange.outcome(of: request("/", expectation, "Content-Length: 0")).statuses == [200])
    let old = request("/", expectation, "Content-Length: 1", version: "1.0") + "x"
    #expect(HTTPExchange.outcome(of: old).statuses == [200])
  }

  @Test func `a client whose body nobody wants is spared it`() {
    let outcome = HTTPExchange.outcome(
      of: request("/", method: "PUT", "Content-Length: 5", "Expect: 100-continue"))
    #expect(outcome.statuses == [405] && outcome.isOver)
    let large = HTTPExchange.outcome(
      of: request("/", method: "PUT", "Content-Length: 5000000000", "Expect: 100-continue"))
    #expect(large.statuses == [405] && large.isOver)
  }

  @Test func `a request has to arrive in time, from its first byte on`() {
    var limits = HTTPLimits()
    limits.headerTime = .seconds(1000)
    limits.bodyTime = .seconds(2000)
    var exchange = HTTPExchange(HTTPSettings(limits: limits))
    #expect(exchange.deadline == .never)
    exchange.send("\r\n")
    #expect(exchange.deadline == .never)
    exchange.send("P")
    let header = exchange.deadline
    #expect(header > .after(.seconds(900)) && header <= .after(.seconds(1000)))
    exchange.send("OST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n")
    #expect(exchange.deadline == header)
    exchange.send("\r\nx")
    let body = exchange.deadline
    #expect(body > .after(.seconds(1900)) && body <= .after(.seconds(2000)))
    exchange.send("y")
    #expect(exchange.deadline == .never)
    exchange.send("G")
    _ = exchange.takeOutcome()
    exchange.waitTooLong()
    let outcome = exchange.takeOutcome()
    #expect(outcome.statuses == [408] && outcome.isOver && outcome.field("Connection") == "close")
    #expect(exchange.deadline == .never)
  }

  @Test func `header bytes without end are refused where the limit is, and not kept`() {
    var exchange = HTTPExchange()
    exchange.send("GET / HTTP/1.1\r\nHost: h\r\n")
    let piece = Array(String(repeating: "a", count: 60_000).utf8)
    for _ in 0..<1700 { exchange.send(piece) }
    let outcome = exchange.takeOutcome()
    #expect(outcome.statuses == [431] && outcome.isOver)
  }

  @Test func `an endless chunked body is refused where the limit is`() {
    var limits = HTTPLimits()
    limits.body = 1000
    var exchange = HTTPExchange(HTTPSettings(limits: limits))
    exchange.send(request("/", "Transfer-Encoding: chunked"))
    // Each chunk takes six bytes: 166 of them fit.
    for _ in 0..<166 { exchange.send("1\r\nx\r\n") }
    #expect(exchange.takeOutcome() == .init())
    exchange.send("1\r\nx\r\n")
    #expect(exchange.takeOutcome().statuses == [413])
    for _ in 0..<100 { exchange.send("1\r\nx\r\n") }
    #expect(exchange.takeOutcome() == .init())
  }

  @Test func `a body of the largest size is accepted, one byte more is not`() {
    var limits = HTTPLimits()
    limits.body = 10
    let largest = request("/", "Content-Length: 10") + "0123456789"
    #expect(HTTPExchange.outcome(of: largest, HTTPSettings(limits: limits)).statuses == [200])
    let excessive = request("/", "Content-Length: 11")
    #expect(HTTPExchange.outcome(of: excessive, HTTPSettings(limits: limits)).statuses == [413])
  }

  @Test func `each answer is logged once, with what it was about`() {
    var exchange = HTTPExchange()
    exchange.send(request("/a%20b?c") + request("/", method: "HEAD") + "nonsense\r\n")
    let records = exchange.records
    #expect(records.map(\.status) == [200, 200, 400])
    #expect(records.map(\.method) == ["GET", "HEAD", nil])
    #expect(records.map(\.target) == ["/a%20b?c", "/", nil])
    #expect(records.prefix(2).map(\.bytes) == [5, 0])
    #expect(records.allSatisfy { $0.client == .unnamed && $0.duration >= .zero })
    #expect(records[0].text.hasPrefix("unix: GET /a%20b?c: 200, 5 bytes in "))
  }

  @Test func `of an answer that is cut off what was sent is logged`() throws {
    for (missing, counts) in [(0, [5, 5]), (2, [5, 3]), (5, [5, 0]), (50, [5, 0]), (1000, [0, 0])] {
      let records = Guarded<[AccessLogEntry]>([])
      let service = HTTPService(.text(Array("hello".utf8))) { record in
        records.withLock { $0.append(record) }
      }
      let session = service.makeSession(for: .unnamed)
      var reply = Response()
      session.receive(Array((request("/") + request("/")).utf8).span, reply: &reply)
      #expect(records.withLock { $0.isEmpty })
      session.replyCutOff(after: max(0, reply.count - missing))
      session.replySent()
      #expect(records.withLock { $0.map(\.bytes) } == counts)
    }
  }

  @Test(arguments: ["\n", "X", "GET /\u{1}"])
  func `what is wrong with a request is not blamed on the one before`(next: String) {
    var exchange = HTTPExchange()
    exchange.send(request("/", method: "HEAD"))
    _ = exchange.takeOutcome()
    exchange.send(next)
    exchange.finish()
    let outcome = exchange.takeOutcome()
    #expect(outcome.statuses == [400] && outcome.body.hasPrefix("400 Bad Request: "), "\(outcome.text)")
    #expect(exchange.records.map(\.method) == ["HEAD", nil])
  }
}
