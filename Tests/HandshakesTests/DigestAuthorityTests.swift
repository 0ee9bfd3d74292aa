// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Handshakes
import Sockets
import Synchronization
import TLS
import Testing

/// The Digest scheme of a proxy whose users' passwords are known, however the client's bytes are split.
struct DigestAuthorityTests {
  private static var users: UserList { UserList(user: Array("me".utf8), password: Array("a:b \"c\"".utf8)) }

  private static let hash: ProxyAuthentication.Hashing = { function, bytes in
    try? OpenSSL.hash(bytes, by: function.rawValue)
  }

  /// A clock that the test moves on.
  private final class Clock: Sendable {
    private let moment = Guarded(Deadline.now)

    var now: Deadline { moment.withLock { $0 } }

    func advance(by duration: Duration) { moment.withLock { $0 = $0 + duration } }
  }

  private let clock = Clock()
  private let authority: DigestAuthority

  init() throws {
    let made = DigestAuthority(realm: "Ncat", hash: Self.hash) { [clock] in clock.now }
    authority = try #require(made)
  }

  private var style: HTTPProxyStyle {
    var style = HTTPProxyStyle()
    style.answers = .bare
    style.basicChallenge = "Basic realm=\"Ncat\""
    return style
  }

  private func request(_ head: String) -> ProxyRequest? {
    let reader = ProxyRequestReader(
      from: .internet(.loopbackIPv4, port: 9), .http, users: Self.users, digest: authority, style)
    let runs = HandshakeRun.all(reader, Array(head.utf8))
    #expect(runs.allSatisfy { $0.request != nil })
    return runs[0].request
  }

  /// The answer to a request without right credentials; `nil` if it is granted.
  private func refusal(_ head: String) -> String? {
    guard case .refuse(let bytes, let failure)? = request(head)?.action else { return nil }
    guard case .untrusted = failure.reason else { return "\(failure)" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The nonce of a new challenge.
  private func nonce() throws -> String {
    let answer = try #require(refusal("CONNECT h:1 HTTP/1.0\r\n\r\n"))
    let nonce = answer.split(separator: "nonce=\"")[1].prefix { $0 != "\"" }
    #expect(
      answer
        == "HTTP/1.0 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"Ncat\"\r\n"
        + "Proxy-Authenticate: Digest realm=\"Ncat\", nonce=\"\(nonce)\", qop=\"auth\"\r\nConnection: close\r\n\r\n"
    )
    return String(nonce)
  }

  private static func md5(_ parts: String...) -> String {
    (hash(.md5, Array(parts.joined(separator: ":").utf8)) ?? []).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  /// What a client sends, calculated here once more.
  private struct Attempt {
    var method = "CONNECT"
    var target = "h:1"
    var uri = "h:1"
    var user = "me"
    var password = "a:b \"c\""
    var realm = "Ncat"
    var quality: String? = "auth"
    var counter = "00000001"
    var more = ""

    func head(_ nonce: String) -> String {
      let secret = md5(user, realm, password)
      let response =
        quality.map { md5(secret, nonce, counter, "c,\"n", $0, md5(method, uri)) }
        ?? md5(secret, nonce, md5(method, uri))
      let qualities = quality.map { ", qop=\($0), nc=\(counter), cnonce=\"c,\\\"n\"" } ?? ""
      return
        "\(method) \(target) HTTP/1.0\r\nProxy-Authorization: dIgEsT username=\"\(user)\", realm=\"\(realm)\","
        + "nonce=\"\(nonce)\" , uri=\"\(uri)\", response=\"\(response)\"\(qualities)\(more)\r\n\r\n"
    }
  }

  @Test func `a right answer to a challenge is granted, any number of times`() throws {
    let nonce = try nonce()
    var attempt = Attempt()
    for counter in ["00000001", "00000002", "00000002"] {
      attempt.counter = counter
      #expect(request(attempt.head(nonce))?.user == "me")
    }
    #expect(request(attempt.head(try self.nonce()))?.target?.port == 1)
    attempt.quality = nil
    #expect(request(attempt.head(nonce))?.user == "me")
    attempt.more = ", algorithm=MD5, opaque=\"x\""
    #expect(request(attempt.head(nonce))?.user == "me")
  }

  @Test(arguments: ["http://h/a?b", "/a?b"])
  func `the target may be calculated with as it was sent, or as it is passed on`(uri: String) throws {
    var attempt = Attempt(method: "GET", target: "http://h/a?b")
    attempt.uri = uri
    #expect(request(attempt.head(try nonce()))?.user == "me")
  }

  @Test func `an answer with anything else is wrong`() throws {
    let nonce = try nonce()
    for field: WritableKeyPath<Attempt, String> in [
      \.method, \.uri, \.user, \.password, \.realm, \.counter, \.more,
    ] {
      var attempt = Attempt()
      attempt[keyPath: field] = ", algorithm=SHA-256"
      var head = attempt.head(nonce)
      if field == \.method { head = "CONNECT" + head.dropFirst(attempt.method.count) }
      let answer = try #require(refusal(head))
      #expect(answer.hasPrefix("HTTP/1.0 407 ") && !answer.contains("stale"))
    }
    for quality in ["auth-int", "", "AUTH"] {
      #expect(try #require(refusal(Attempt(quality: quality).head(nonce))).hasPrefix("HTTP/1.0 407 "))
    }
  }

  @Test func `a forged nonce is wrong, and an old one is stale if everything else is right`() throws {
    let nonce = try nonce()
    let last = try #require(nonce.last)
    for forged in [
      "\(nonce.dropLast())\(last == "0" ? "1" : "0")", "0\(nonce)", "", "-", "\(nonce.prefix(8))",
    ] {
      let answer = try #require(refusal(Attempt().head(forged)))
      #expect(answer.hasPrefix("HTTP/1.0 407 ") && !answer.contains("stale"))
    }
    clock.advance(by: DigestAuthority.lifetime)
    #expect(request(Attempt().head(nonce))?.user == "me")
    clock.advance(by: .microseconds(1))
    let old = try #require(refusal(Attempt().head(nonce)))
    #expect(old.contains(", qop=\"auth\", stale=true\r\n"), "\(old)")
    let wrong = try #require(refusal(Attempt(password: "x").head(nonce)))
    #expect(!wrong.contains("stale"), "\(wrong)")
    #expect(request(Attempt().head(try self.nonce()))?.user == "me")
  }

  @Test(arguments: [
    "", "Digest", "Digest username=me", "Digest username=\"me\", realm=\"Ncat", "Basic bWU6eA==", "Bearer x",
    "Basic x, Digest username=me",
  ])
  func `what is neither is refused`(credentials: String) throws {
    let head = "CONNECT h:1 HTTP/1.0\r\nProxy-Authorization: \(credentials)\r\n\r\n"
    #expect(refusal(head)?.hasPrefix("HTTP/1.0 407 ") == true)
    let twice = head.dropLast(2) + "Proxy-Authorization: Basic bWU6YTpiICJjIg==\r\n\r\n"
    #expect(refusal(String(twice))?.hasPrefix("HTTP/1.0 407 ") == true)
  }

  @Test func `Basic is granted too, and the password of a list need not be a hash`() throws {
    let right = "CONNECT h:1 HTTP/1.0\r\nProxy-Authorization: Basic bWU6YTpiICJjIg==\r\n\r\n"
    #expect(request(right)?.user == "me")
    #expect(Self.users.password(of: Array("me".utf8)) == Array("a:b \"c\"".utf8))
    #expect(Self.users.password(of: Array("you".utf8)) == nil)
    let hashed = try UserList(Array("me:$1$saltsalt$9xy1btjgzLYfb7hivXtC//\n".utf8))
    #expect(hashed.password(of: Array("me".utf8)) == nil)
  }

  @Test func `without hash functions there is no Digest`() {
    #expect(DigestAuthority(realm: "x") { function, _ in function == .md5 ? nil : [] } == nil)
  }
}
