// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import HTTP
import Services
import Sockets
import Testing

/// Names and passwords.
@Suite(.timeLimit(.minutes(1)))
struct UserListTests {
  /// The hashes of `secret` and of `p:ä ss`, of methods that take a millisecond.
  private static let file = """
    # a comment

    alice:$1$saltsalt$9xy1btjgzLYfb7hivXtC//
    bob:$5$rounds=1000$saltsalt$TMXCWfLujEXk5YbvCuLN9Ka80NCcJHbZgWK28Y5Rzl5\r

    """

  private static func settings() throws -> HTTPSettings {
    var settings = HTTPSettings()
    settings.users = try UserList(Array(file.utf8))
    return settings
  }

  private static func field(_ credentials: String, scheme: String = "Basic") -> String {
    "Authorization: \(scheme) \(Data(credentials.utf8).base64EncodedString())"
  }

  @Test(arguments: HTTPExchange.Cut.allCases)
  func `a request needs the credentials of a user`(cut: HTTPExchange.Cut) throws {
    var exchange = HTTPExchange(try Self.settings())
    exchange.send(
      request("/") + request("/", Self.field("alice:wrong")) + request("/", Self.field("alice:secret"))
        + request("/", method: "HEAD", Self.field("bob:p:ä ss", scheme: "bASIC")) + request("/"), cut: cut)
    let outcome = exchange.takeOutcome()
    #expect(outcome.statuses == [401, 401, 200, 200, 401] && !outcome.isOver, "\(outcome.text)")
    #expect(outcome.field("WWW-Authenticate") == "Basic realm=\"sockkit\", charset=\"UTF-8\"")
    #expect(exchange.records.map(\.status) == [401, 401, 200, 200, 401])
  }

  @Test(arguments: [
    "alice", "alice:", "alice:secret2", "alice:secre", "bob:secret", "eve:secret", ":secret", "",
    "alice:secret\u{0}",
    "alice:secret\u{0}x", "Alice:secret", "alice:\(String(repeating: "x", count: 5000))",
  ])
  func `nothing else is let in`(credentials: String) throws {
    let outcome = HTTPExchange.outcome(of: request("/", Self.field(credentials)), try Self.settings())
    #expect(outcome.statuses == [401] && !outcome.body.contains("hello"))
  }

  @Test(arguments: [
    "Authorization: Basic", "Authorization: Basic =", "Authorization: Basic YWxpY2U6c2VjcmV0=",
    "Authorization: Basic YWxpY2U6c2VjcmV", "Authorization: Basic YWxpY2U6c2VjcmV0 x",
    "Authorization: Bearer YWxpY2U6c2VjcmV0",
    "Authorization: BasicYWxpY2U6c2VjcmV0", "Authorization: Basic YWxpY2U6c2Vj cmV0",
    "Authorization: Basic YWxpY2U6c2VjcmV0\r\nAuthorization: Basic YWxpY2U6c2VjcmV0",
  ])
  func `credentials that are none are refused`(field: String) throws {
    #expect(HTTPExchange.outcome(of: request("/", field), try Self.settings()).statuses == [401])
  }

  @Test func `a body is not asked for, nor read for long, without credentials`() throws {
    let settings = try Self.settings()
    let waiting = HTTPExchange.outcome(
      of: request("/", "Content-Length: 5", "Expect: 100-continue"), settings)
    #expect(waiting.statuses == [401] && waiting.isOver)
    let large = HTTPExchange.outcome(of: request("/", "Content-Length: 5000000"), settings)
    #expect(large.statuses == [401] && large.isOver)
    let chunks = request("/", "Transfer-Encoding: chunked") + "fffff1\r\n"
    let chunked = HTTPExchange.outcome(of: chunks, settings)
    #expect(chunked.statuses == [401] && chunked.isOver, "\(chunked.text)")
    let small = HTTPExchange.outcome(of: request("/", "Content-Length: 5") + "12345" + request("/"), settings)
    #expect(small.statuses == [401, 401] && !small.isOver)
    let right = [Self.field("alice:secret"), "Content-Length: 5", "Expect: 100-continue"]
    let granted = HTTPExchange.outcome(of: request("/", right[0], right[1], right[2]) + "12345", settings)
    #expect(granted.statuses == [100, 200])
  }

  @Test func `a password is verified by another thread, and once only`() throws {
    let session = HTTPService(.text(Array("hello".utf8)), try Self.settings()).makeSession(for: .unnamed)
    let bytes = Array(
      (request("/", Self.field("alice:secret")) + request("/", Self.field("alice:secret"))).utf8)
    var reply = Response()
    session.receive(bytes.span, reply: &reply)
    let work = try #require(reply.work)
    #expect(reply.parts.isEmpty && session.hasBacklog && !session.isBetweenRequests)
    #expect(session.deadline == .never)
    work.perform()
    let isTaken = reply.takeWork()
    #expect(isTaken)
    var answer = Response()
    session.receive([UInt8]().span, reply: &answer)
    #expect(answer.work == nil && !session.hasBacklog)
    let text = String(decoding: HTTPExchange.bytes(of: answer), as: UTF8.self)
    #expect(HTTPExchange.Outcome(text: text).statuses == [200, 200])
  }

  @Test func `a browser that asks whether it may ask has no credentials yet`() throws {
    var settings = try Self.settings()
    #expect(HTTPExchange.outcome(of: request("/", method: "OPTIONS"), settings).statuses == [401])
    settings.isShared = true
    #expect(HTTPExchange.outcome(of: request("/", method: "OPTIONS"), settings).statuses == [204])
    #expect(HTTPExchange.outcome(of: request("/", method: "POST"), settings).statuses == [401])
  }

  @Test(arguments: [
    ("", 1, "the file has no user"), ("# nobody\n", 2, "the file has no user"),
    ("alice", 1, "not USER:HASH"), ("\n:hash", 2, "not USER:HASH"), ("alice:", 1, "not a hash of crypt(3)"),
    ("alice:secret", 1, "not a hash of crypt(3)"), ("alice:$apr1$salt$hash", 1, "not a hash of crypt(3)"),
    ("alice:zz0123456789.", 1, "not a hash of crypt(3)"), ("alice:*", 1, "not a hash of crypt(3)"),
    ("alice:$1$a b$cd", 1, "not a hash of crypt(3)"),
    ("alice:$1$saltsalt$2vnaRpHa6Jxjz5n83ok8Z0:x", 1, "not a hash of crypt(3)"),
    ("a:$1$s$x\nb:$1$s$x\na:$1$s$x", 3, "a second line"),
  ])
  func `a file that is wrong is refused, and its contents are not told`(
    text: String, line: Int, reason: String
  ) {
    let fault = #expect(throws: UserList.Fault.self) { _ = try UserList(Array(text.utf8)) }
    #expect(fault?.line == line && fault?.reason.hasPrefix(reason) == true, "\(String(describing: fault))")
    #expect(fault?.reason.contains("secret") == false)
  }
}
