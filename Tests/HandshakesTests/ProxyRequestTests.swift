// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Handshakes
import Sockets
import Testing

/// The proxy's side of SOCKS and CONNECT, however the client's bytes are split.
struct ProxyRequestTests {
  private static func reader(
    _ protocols: ProxyProtocols = [.socks, .http], users: UserList? = nil
  ) -> ProxyRequestReader {
    ProxyRequestReader(from: .internet(.loopbackIPv4, port: 9), protocols, users: users)
  }

  /// What a client's bytes ask for, if it is the same for all ways to split them.
  private func request(
    _ bytes: [UInt8], sent: [UInt8] = [], users: UserList? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ProxyRequest? {
    let payload = Array("payload".utf8)
    let reader = Self.reader(users: users)
    let whole = HandshakeRun(reader, bytes)
    for run in HandshakeRun.all(reader, bytes + payload) {
      #expect(run.end == .complete(payload: payload), sourceLocation: sourceLocation)
      #expect(run.sent == sent && run.request == whole.request, sourceLocation: sourceLocation)
    }
    for count in bytes.indices {
      #expect(
        HandshakeRun(reader, Array(bytes[..<count])).end == .incomplete, sourceLocation: sourceLocation)
    }
    return whole.request
  }

  /// Why a request is refused, and the answer; `nil` if it is not, or if that depends on how the bytes are split.
  private func refusal(
    _ bytes: [UInt8], sent: [UInt8] = [], users: UserList? = nil
  ) -> (answer: [UInt8], failure: IOFailure)? {
    let reader = Self.reader(users: users)
    guard case .refuse(let answer, let failure)? = HandshakeRun(reader, bytes).request?.action else {
      return nil
    }
    for run in HandshakeRun.all(reader, bytes) {
      guard case .refuse(answer, failure)? = run.request?.action, run.sent == sent else { return nil }
    }
    return (answer, failure)
  }

  /// The user `me` with the password `secret`.
  private static let users: [UInt8] = Array("me:$1$saltsalt$9xy1btjgzLYfb7hivXtC//\n".utf8)

  private static let name = ProxyTarget(.name("example.org"), port: 80)
  private static let ipv4 = ProxyTarget(.address(.ipv4([192, 0, 2, 1])), port: 0x1234)
  /// Created anew for each use: the leak checker does not follow references in a global of this type.
  private static var ipv6: ProxyTarget { ProxyTarget(.address(.loopbackIPv6), port: 443) }

  @Test func `each protocol asks for a target`() throws {
    let greeting: [UInt8] = [5, 2, 2, 0]
    for (address, target): ([UInt8], ProxyTarget) in [
      ([3, 11] + Array("example.org".utf8) + [0, 80], Self.name),
      ([1, 192, 0, 2, 1, 0x12, 0x34], Self.ipv4),
      ([4] + [UInt8](repeating: 0, count: 15) + [1, 1, 0xBB], Self.ipv6),
      ([3, 9] + Array("192.0.2.1".utf8) + [0x12, 0x34], Self.ipv4),
    ] {
      let request = try request(greeting + [5, 1, 0] + address, sent: [5, 0])
      #expect(request?.target == target && request?.form == .socks5)
    }
    let socks4 = try request([4, 1, 0x12, 0x34, 192, 0, 2, 1] + Array("me\0".utf8))
    #expect(socks4?.target == Self.ipv4 && socks4?.form == .socks4)
    let socks4a = try request([4, 1, 0, 80, 0, 0, 0, 7, 0] + Array("example.org\0".utf8))
    #expect(socks4a?.target == Self.name && socks4a?.form == .socks4)
    for (authority, target) in [
      ("example.org:80", Self.name), ("192.0.2.1:4660", Self.ipv4), ("[::1]:443", Self.ipv6),
    ] {
      let head = "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\nX: y\r\n\r\n"
      let request = try request(Array(head.utf8))
      #expect(request?.target == target && request?.form == .http)
    }
  }

  @Test func `each protocol has its replies`() throws {
    let socks5 = try #require(try request([5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 0, 80], sent: [5, 0]))
    let from = ProxyOutcome.connected(from: .internet(.loopbackIPv4, port: 258))
    #expect(socks5.reply(from) == [5, 0, 0, 1, 127, 0, 0, 1, 1, 2])
    for (outcome, code): (ProxyOutcome, UInt8) in [
      (.failed, 1), (.denied, 2), (.networkUnreachable, 3), (.hostUnreachable, 4), (.connectionRefused, 5),
      (.timedOut, 6),
    ] {
      #expect(socks5.reply(outcome) == [5, code, 0, 1, 0, 0, 0, 0, 0, 0])
    }
    let socks4 = try #require(try request([4, 1, 0, 80, 192, 0, 2, 1, 0]))
    #expect(socks4.reply(from) == [0, 90, 0, 0, 0, 0, 0, 0])
    #expect(socks4.reply(.denied) == [0, 91, 0, 0, 0, 0, 0, 0])
    let http = try #require(try request(Array("CONNECT h:1 HTTP/1.0\r\n\r\n".utf8)))
    #expect(http.reply(from) == Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8))
    for (outcome, status): (ProxyOutcome, String) in [
      (.denied, "403 Forbidden"), (.connectionRefused, "502 Bad Gateway"), (.timedOut, "504 Gateway Timeout"),
    ] {
      let reply = String(decoding: http.reply(outcome), as: UTF8.self)
      #expect(reply.hasPrefix("HTTP/1.1 \(status)\r\nContent-Type: text/plain\r\n"))
      #expect(reply.contains("\r\nConnection: close\r\n\r\n"))
    }
  }

  /// Client bytes, what was answered before, the answer, and the reason.
  @Test(arguments: [
    (
      [UInt8](arrayLiteral: 5, 1, 2), [UInt8](), [UInt8](arrayLiteral: 5, 0xFF),
      "the client insists on authentication"
    ),
    (
      [5, 1, 0, 5, 2, 0, 1, 1, 2, 3, 4, 0, 80], [5, 0], [5, 7, 0, 1, 0, 0, 0, 0, 0, 0],
      "the command 2 is not supported"
    ),
    ([5, 1, 0, 5, 1, 0, 9], [5, 0], [5, 8, 0, 1, 0, 0, 0, 0, 0, 0], "the type of the address is unknown"),
    (
      [5, 1, 0, 5, 1, 0, 3, 1, 47, 0, 80], [5, 0], [5, 4, 0, 1, 0, 0, 0, 0, 0, 0],
      "the name of the target is malformed"
    ),
    ([4, 2, 0, 80, 192, 0, 2, 1, 0], [], [0, 91, 0, 0, 0, 0, 0, 0], "the command 2 is not supported"),
    (
      [4, 1, 0, 80, 0, 0, 0, 1, 0, 32, 0], [], [0, 91, 0, 0, 0, 0, 0, 0],
      "the name of the target is malformed"
    ),
  ])
  func `a request of SOCKS is refused`(bytes: [UInt8], sent: [UInt8], answer: [UInt8], reason: String) throws
  {
    let refusal = try #require(self.refusal(bytes, sent: sent))
    #expect(refusal.answer == answer && refusal.failure.explanation == reason)
  }

  @Test(arguments: [
    ([UInt8](arrayLiteral: 5, 1, 0, 4, 1, 0), "the request is malformed"),
    ([0], "the client does not speak SOCKS or HTTP"),
    ([22, 3, 1], "the client does not speak SOCKS or HTTP"),
  ])
  func `what is no request has no answer`(bytes: [UInt8], reason: String) {
    for run in HandshakeRun.all(Self.reader(), bytes) {
      guard case .failed(let failure) = run.end else {
        Issue.record("\(bytes) is \(run.end)")
        continue
      }
      #expect(failure.explanation == reason)
    }
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "400 Bad Request"),
    ("OPTIONS * HTTP/1.0\r\n\r\n", "400 Bad Request"),
    ("GET https://h/ HTTP/1.0\r\n\r\n", "400 Bad Request"),
    ("GET http:// HTTP/1.0\r\n\r\n", "400 Bad Request"),
    ("GET http://u:p@h/ HTTP/1.0\r\n\r\n", "400 Bad Request"),
    ("GET http://h:0/ HTTP/1.0\r\n\r\n", "400 Bad Request"),
    ("GET http://h:70000/ HTTP/1.0\r\n\r\n", "400 Bad Request"),
    ("GET http://h%41/ HTTP/1.0\r\n\r\n", "400 Bad Request"),
    ("GET http://h/ HTTP/1.1\r\n\r\n", "400 Bad Request"),
    ("GET http://h/ HTTP/1.0\r\nConnection: content-length\r\nContent-Length: 1\r\n\r\n", "400 Bad Request"),
    (
      "POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "400 Bad Request"
    ),
    ("PUT http://h/ HTTP/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n", "413 Content Too Large"),
    ("TRACE http://h/ HTTP/1.0\r\n\r\n", "405 Method Not Allowed"),
    ("OPTIONS http://h/ HTTP/1.0\r\nMax-Forwards: 0\r\n\r\n", "405 Method Not Allowed"),
    ("CONNeCT h:80 HTTP/1.1\r\n\r\n", "400 Bad Request"), ("CONNECT h HTTP/1.1\r\n", "400 Bad Request"),
    ("CONNECT h:0 HTTP/1.1\r\n\r\n", "400 Bad Request"),
    ("CONNECT h:70000 HTTP/1.1\r\n\r\n", "400 Bad Request"),
    ("CONNECT a b:1 HTTP/1.1\r\n", "400 Bad Request"), ("CONNECT ::1:80 HTTP/1.1\r\n", "400 Bad Request"),
    ("CONNECT [h]:80 HTTP/1.1\r\n", "400 Bad Request"),
    ("CONNECT h:80 HTTP/2.0\r\n", "505 HTTP Version Not Supported"),
    ("CONNECT h:80 HTTP/1.1\n", "400 Bad Request"), ("CONNECT h:80 HTTP/1.1\r\nX y\r\n", "400 Bad Request"),
    ("CONNECT h:80 HTTP/1.1\r\n X: y\r\n", "400 Bad Request"),
    ("CONNECT h:80 HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "400 Bad Request"),
    ("CONNECT \(String(repeating: "h", count: 8200)):80 HTTP/1.1\r\n", "414 URI Too Long"),
    (
      "CONNECT h:80 HTTP/1.1\r\n\(String(repeating: "X: \(String(repeating: "y", count: 8000))\r\n", count: 5))",
      "431 Request Header Fields Too Large"
    ),
  ])
  func `a request of HTTP is refused`(head: String, status: String) throws {
    let bytes = Array(head.utf8)
    for pieces in [[bytes[...]], bytes.indices.map { bytes[$0...$0] }] {
      guard case .refuse(let answer, let failure)? = HandshakeRun(Self.reader(), pieces).request?.action,
        case .peerProtocol = failure.reason
      else {
        Issue.record("\(head) is not refused")
        continue
      }
      let text = String(decoding: answer, as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(head): \(text)")
    }
  }

  @Test func `a password is verified`() throws {
    let list = try UserList(Self.users)
    let request: [UInt8] = [5, 1, 0, 1, 192, 0, 2, 1, 0x12, 0x34]
    let right = [1, 2] + Array("me".utf8) + [6] + Array("secret".utf8)
    let granted = try self.request([5, 2, 0, 2] + right + request, sent: [5, 2, 1, 0], users: list)
    #expect(granted?.target == Self.ipv4 && granted?.user == "me")
    let wrong = [1, 2] + Array("me".utf8) + [0]
    let refused = try #require(self.refusal([5, 1, 2] + wrong, sent: [5, 2], users: list))
    #expect(refused.answer == [1, 1] && refused.failure.explanation == "the user or the password is wrong")
    #expect(refusal([5, 1, 0], users: list)?.answer == [5, 0xFF])
    #expect(refusal([4, 1, 0, 80, 192, 0, 2, 1, 0], users: list)?.answer == [0, 91, 0, 0, 0, 0, 0, 0])
    for (line, isGranted) in [
      ("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n", true), ("Proxy-Authorization: Basic bWU6\r\n", false),
      ("Authorization: Basic bWU6c2VjcmV0\r\n", false), ("", false),
    ] {
      let bytes = Array("CONNECT h:1 HTTP/1.0\r\n\(line)\r\n".utf8)
      if isGranted {
        #expect(try self.request(bytes, users: list)?.user == "me")
      } else {
        let refusal = try #require(self.refusal(bytes, users: list))
        let answer = String(decoding: refusal.answer, as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 407 ") && answer.contains("\r\nProxy-Authenticate: Basic realm="))
      }
    }
  }

  @Test func `a proxy may serve one protocol only, and answers with HTTP if it is that`() throws {
    guard
      case .failed(let failure) = HandshakeRun(
        Self.reader(.socks), Array("CONNECT h:1 HTTP/1.1\r\n\r\n".utf8)
      ).end
    else {
      Issue.record("HTTP is accepted")
      return
    }
    #expect(failure.explanation == "the client does not speak SOCKS")
    for bytes: [UInt8] in [[5, 1, 0], [22, 3, 1], Array("get http://h/ HTTP/1.0\r\n\r\n".utf8)] {
      for run in HandshakeRun.all(Self.reader(.http), bytes) {
        guard case .refuse(let answer, let failure)? = run.request?.action else {
          Issue.record("\(bytes) is accepted")
          continue
        }
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(failure.explanation == "the client does not speak HTTP")
      }
    }
  }

  @Test func `a request of HTTP that ends within its header is answered`() throws {
    for (text, isAnswered) in [("CONNECT h:1 HTTP/1.1\r\nX: y\r\n", true), ("C", true), ("", false)] {
      var (reader, sent) = (Self.reader(), [UInt8]())
      #expect(try reader.step(Array(text.utf8).span, &sent) == .incomplete)
      do throws(IOFailure) {
        try reader.end()
        #expect(isAnswered)
      } catch {
        #expect(!isAnswered && error.explanation == "the connection ended before the request")
      }
      guard case .refuse(let answer, _)? = reader.request?.action else {
        #expect(!isAnswered)
        continue
      }
      #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
    }
    var (socks, sent) = (Self.reader(), [UInt8]())
    _ = try socks.step([5, 1].span, &sent)
    #expect(throws: IOFailure.self) { try socks.end() }
  }

  // MARK: Another style of HTTP

  private static var oldStyle: HTTPProxyStyle {
    var style = HTTPProxyStyle()
    style.rules.methods = ["GET", "HEAD", "POST"]
    style.rules.acceptsBareLineFeed = true
    style.rules.demandsHost = false
    style.rules.demandsLength = true
    style.answers = .bare
    style.reportsFailuresAsTimeout = true
    return style
  }

  @Test(arguments: [
    ("GET / HTTP/1.0\r\n\r\n", "400 Bad Request"), ("\u{5}", "400 Bad Request"),
    ("POST http://h/ HTTP/1.0\r\n\r\n", "400 Bad Request"),
    ("GET http://\(String(repeating: "h", count: 8200))/ HTTP/1.0\r\n", "414 URI Too Long"),
    (
      "GET http://h/ HTTP/1.0\r\n\(String(repeating: "X: \(String(repeating: "y", count: 8000))\r\n", count: 5))",
      "413 Content Too Large"
    ),
    (
      "PUT http://h/ HTTP/1.0\r\nContent-Length: 1\r\n\r\n",
      "405 Method Not Allowed\r\nAllow: CONNECT, GET, HEAD, POST"
    ),
    ("TRACE http://h/ HTTP/1.0\n\n", "405 Method Not Allowed\r\nAllow: CONNECT, GET, HEAD, POST"),
  ])
  func `answers of HTTP/1.0 are a header alone`(head: String, status: String) {
    let reader = ProxyRequestReader(
      from: .internet(.loopbackIPv4, port: 9), .http, users: nil, Self.oldStyle)
    for run in HandshakeRun.all(reader, Array(head.utf8.prefix(40))) + [
      HandshakeRun(reader, Array(head.utf8))
    ]
    where run.end != .incomplete {
      guard case .refuse(let answer, _)? = run.request?.action else {
        Issue.record("\(head) is accepted")
        continue
      }
      #expect(String(decoding: answer, as: UTF8.self) == "HTTP/1.0 \(status)\r\n\r\n")
    }
  }

  @Test func `a style has its replies, and takes a request with bare line feeds`() throws {
    let payload = Array("payload".utf8)
    let reader = ProxyRequestReader(from: .internet(.loopbackIPv4, port: 9), .http, Self.oldStyle)
    for run in HandshakeRun.all(reader, Array("CONNECT [::1]:443 HTTP/1.1\nX: y\r\n\n".utf8) + payload) {
      let request = try #require(run.request)
      #expect(run.end == .complete(payload: payload) && request.target == Self.ipv6)
      func text(_ outcome: ProxyOutcome) -> String { String(decoding: request.reply(outcome), as: UTF8.self) }
      #expect(text(.connected(from: .unnamed)) == "HTTP/1.0 200 OK\r\n\r\n")
      #expect(text(.denied) == "HTTP/1.0 403 Forbidden\r\n\r\n")
      for outcome: ProxyOutcome in [.connectionRefused, .hostUnreachable, .timedOut, .noAnswer, .failed] {
        #expect(text(outcome) == "HTTP/1.0 504 Gateway Timeout\r\n\r\n")
      }
    }
    let head = "POST http://h HTTP/1.1\nContent-Length: 3\n\n"
    guard case .exchange(_, let forwarded)? = HandshakeRun(reader, Array(head.utf8)).request?.action else {
      Issue.record("a POST without Host is refused")
      return
    }
    #expect(
      String(decoding: forwarded.header, as: UTF8.self)
        == "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nVia: 1.1 sockkit\r\nConnection: close\r\n\r\n")
  }

  @Test func `texts have limits`() {
    let long = [4, 1, 0, 80, 192, 0, 2, 1] + [UInt8](repeating: 97, count: 256)
    guard case .failed(let failure) = HandshakeRun(Self.reader(), long).end else {
      Issue.record("a user without an end is read on")
      return
    }
    #expect(failure.explanation == "a text is longer than 255 bytes")
  }
}
