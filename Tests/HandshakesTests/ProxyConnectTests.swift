// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Handshakes
import Sockets
import Synchronization
import SystemPackage
import TLS
import Testing

/// The client's side of the handshakes with proxies, however the proxy's bytes are split.
struct ProxyConnectTests {
  private static let name = ProxyTarget(.name("example.org"), port: 80)
  private static let ipv4 = ProxyTarget(.address(.ipv4([192, 0, 2, 1])), port: 0x1234)
  /// Created anew for each use: the leak checker does not follow references in a global of this type.
  private static var ipv6: ProxyTarget {
    ProxyTarget(
      .address(.ipv6([0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [1], zone: 0)), port: 443)
  }
  private static let user = UserCredentials(user: "me", password: "secret")

  private static func failed(
    _ reason: IOFailure.Reason, to target: ProxyTarget = name
  ) -> HandshakeRun.End {
    .failed(IOFailure(.connectThrough(proxy: "proxy:1", to: "\(target)"), reason))
  }

  /// Expects the same of the bytes in one piece, in two, and one by one; and that each part of them is incomplete.
  private func expect(
    _ handshake: some Handshake, _ bytes: [UInt8], _ end: HandshakeRun.End, sent: [UInt8]? = nil,
    answer: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for run in HandshakeRun.all(handshake, bytes) {
      #expect(run.end == end, sourceLocation: sourceLocation)
      if let sent { #expect(run.sent == sent, sourceLocation: sourceLocation) }
    }
    for count in 0..<(answer ?? bytes.count) {
      #expect(
        HandshakeRun(handshake, Array(bytes[..<count])).end == .incomplete, sourceLocation: sourceLocation)
    }
  }

  // MARK: SOCKS 5

  private static func socks5(
    _ target: ProxyTarget, as user: UserCredentials? = nil, _ command: SOCKS5Connect.Command = .connect
  ) -> SOCKS5Connect { SOCKS5Connect(command, to: target, through: "proxy:1", as: user) }

  private static let bound: [UInt8] = [1, 127, 0, 0, 1, 0, 9]

  @Test func `SOCKS 5 asks for names and addresses`() {
    let greeting: [UInt8] = [5, 1, 0, 5, 1, 0]
    let requests: [(ProxyTarget, [UInt8])] = [
      (Self.name, [3, 11] + Array("example.org".utf8) + [0, 80]),
      (Self.ipv4, [1, 192, 0, 2, 1, 0x12, 0x34]),
      (Self.ipv6, [4, 0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [1, 1, 0xBB]),
    ]
    let replies: [[UInt8]] = [
      Self.bound, [3, 2, 104, 105, 0, 9], [4] + [UInt8](repeating: 0, count: 18),
    ]
    for (target, address) in requests {
      for reply in replies {
        let answer: [UInt8] = [5, 0, 5, 0, 0] + reply
        expect(
          Self.socks5(target), answer + Array("payload".utf8), .complete(payload: Array("payload".utf8)),
          sent: greeting + address, answer: answer.count)
      }
    }
  }

  @Test func `SOCKS 5 sends user and password if it is asked for them`() {
    let request: [UInt8] = [5, 1, 0, 1, 192, 0, 2, 1, 0x12, 0x34]
    let login = [1, 2] + Array("me".utf8) + [6] + Array("secret".utf8)
    expect(
      Self.socks5(Self.ipv4, as: Self.user), [5, 2, 1, 0, 5, 0, 0] + Self.bound, .complete(payload: []),
      sent: [5, 2, 0, 2] + login + request)
    expect(
      Self.socks5(Self.ipv4, as: Self.user), [5, 0, 5, 0, 0] + Self.bound, .complete(payload: []),
      sent: [5, 2, 0, 2] + request)
  }

  @Test func `SOCKS 5 tells where datagrams go`() throws {
    var handshake = Self.socks5(Self.name, .associate)
    var sent: [UInt8] = []
    _ = try handshake.step([UInt8]().span, &sent)
    let answer: [UInt8] = [5, 0, 5, 0, 0] + Self.bound
    #expect(try handshake.step(answer.span, &sent) == .complete(taken: answer.count))
    #expect(sent == [5, 1, 0, 5, 3, 0, 1, 0, 0, 0, 0, 0, 0])
    #expect(handshake.bound == .internet(.loopbackIPv4, port: 9))
    expect(
      Self.socks5(Self.name, .associate), [5, 0, 5, 2],
      .failed(
        IOFailure(
          .sendThrough(proxy: "proxy:1", to: "example.org:80"),
          .untrusted("not allowed by the rules of the proxy (SOCKS reply 2)"))))
  }

  @Test(arguments: [
    (UInt8(1), IOFailure.Reason.unavailable("general failure (SOCKS reply 1)")),
    (2, .untrusted("not allowed by the rules of the proxy (SOCKS reply 2)")),
    (3, .unavailable("network unreachable (SOCKS reply 3)")),
    (4, .unavailable("host unreachable (SOCKS reply 4)")),
    (5, .unavailable("connection refused (SOCKS reply 5)")), (6, .unavailable("timed out (SOCKS reply 6)")),
    (7, .peerProtocol("the proxy does not support the command (SOCKS reply 7)")),
    (8, .peerProtocol("the proxy does not support the type of the address (SOCKS reply 8)")),
    (9, .peerProtocol("unknown reason (SOCKS reply 9)")),
  ])
  func `SOCKS 5 refuses`(code: UInt8, reason: IOFailure.Reason) {
    expect(Self.socks5(Self.name), [5, 0, 5, code], Self.failed(reason))
  }

  @Test func `SOCKS 5 refuses this client`() {
    expect(
      Self.socks5(Self.name), [5, 0xFF],
      Self.failed(.untrusted("the proxy requires a user and a password (--proxy-auth-file FILE)")))
    expect(
      Self.socks5(Self.name, as: Self.user), [5, 0xFF],
      Self.failed(.untrusted("the proxy accepts no user and password")))
    expect(
      Self.socks5(Self.name, as: Self.user), [5, 2, 1, 1],
      Self.failed(.untrusted("the proxy refused the user or the password")))
  }

  @Test func `what is not SOCKS 5 is not understood`() {
    for bytes: [UInt8] in [[4, 0], [5, 2], [5, 1], [5, 0, 4, 0], [5, 0, 5, 0, 0, 2]] {
      let runs = HandshakeRun.all(Self.socks5(Self.name), bytes)
      guard case .failed(let failure)? = runs.first?.end, case .peerProtocol = failure.reason else {
        Issue.record("\(bytes) is \(runs[0].end)")
        continue
      }
      for run in runs { #expect(run.end == runs[0].end) }
    }
  }

  // MARK: Questions

  private final class Counter: Sendable {
    private let count = Guarded(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
  }

  /// Credentials that are asked for, with the number of questions.
  private static func asked(
    _ answer: Result<ProxyCredentials, IOFailure>
  ) -> (source: ProxyCredentialSource, count: Counter) {
    let counter = Counter()
    let question = CredentialQuestion { () throws(IOFailure) in
      counter.add()
      return try answer.get()
    }
    return (.asked(question), counter)
  }

  @Test func `a password is asked for once SOCKS 5 requires it, and not before`() {
    let granted = [5, 0, 0] + Self.bound
    for (answer, isAsked) in [([5, 0] + granted, 0), ([5, 2, 1, 0] + granted, 1)] as [([UInt8], Int)] {
      let (source, count) = Self.asked(.success(.user(Self.user)))
      let run = HandshakeRun(
        SOCKS5Connect(to: Self.name, through: "proxy:1", authenticatingBy: source), answer + [7])
      #expect(run.end == .complete(payload: [7]))
      #expect(run.sent.starts(with: [5, 2, 0, 2]))
      #expect(count.value == isAsked)
    }
  }

  @Test func `a password is asked for once HTTP requires it, and serves the repeated request`() {
    let (source, count) = Self.asked(.success(.user(Self.user)))
    let authentication = ProxyAuthentication(by: source) { _, _ in [] }
    func run(_ answer: String) -> HandshakeRun {
      HandshakeRun(HTTPConnect(to: Self.name, through: "proxy:1", authentication), Array(answer.utf8))
    }
    #expect(run("HTTP/1.1 200 OK\r\n\r\n").end == .complete(payload: []))
    #expect(count.value == 0)
    _ = run("HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=x\r\n\r\n")
    #expect(count.value == 1)
    let second = run("HTTP/1.1 200 OK\r\n\r\n")
    #expect(String(decoding: second.sent, as: UTF8.self).contains("Proxy-Authorization: Basic "))
    #expect(count.value == 1)
  }

  @Test func `the reason why a password is not known is that of the failure`() {
    let reason = IOFailure(.read("a password"), .noSuchAddressOrDevice)
    let refused = Result<ProxyCredentials, IOFailure>.failure(reason)
    #expect(
      HandshakeRun(
        SOCKS5Connect(to: Self.name, through: "proxy:1", authenticatingBy: Self.asked(refused).source),
        [5, 2]
      ).end == .failed(reason))
    let authentication = ProxyAuthentication(by: Self.asked(refused).source) { _, _ in [] }
    #expect(
      HandshakeRun(
        HTTPConnect(to: Self.name, through: "proxy:1", authentication),
        Array("HTTP/1.1 407 Login\r\n\r\n".utf8)
      ).end == .failed(reason))
  }

  // MARK: SOCKS 4

  private static func socks4(_ target: ProxyTarget, as user: String = "") -> SOCKS4Connect {
    SOCKS4Connect(to: target, through: "proxy:1", as: user)
  }

  @Test func `SOCKS 4 asks for addresses, and 4a for names`() {
    let answer: [UInt8] = [0, 90, 1, 2, 3, 4, 5, 6]
    expect(
      Self.socks4(Self.ipv4, as: "me"), answer + [7], .complete(payload: [7]),
      sent: [4, 1, 0x12, 0x34, 192, 0, 2, 1] + Array("me\0".utf8), answer: answer.count)
    expect(
      Self.socks4(Self.name), answer, .complete(payload: []),
      sent: [4, 1, 0, 80, 0, 0, 0, 1] + Array("\0example.org\0".utf8))
  }

  @Test(arguments: [
    (
      UInt8(91), IOFailure.Reason.unavailable("the proxy rejected the request, or failed (SOCKS reply 91)")
    ), (92, .untrusted("the proxy cannot reach this host's identd (SOCKS reply 92)")),
    (93, .untrusted("this host's identd reports another user (SOCKS reply 93)")),
    (94, .peerProtocol("unknown reason (SOCKS reply 94)")),
  ])
  func `SOCKS 4 refuses`(code: UInt8, reason: IOFailure.Reason) {
    expect(Self.socks4(Self.name), [0, code], Self.failed(reason))
  }

  // MARK: HTTP

  private static func http(
    _ target: ProxyTarget = name, _ credentials: ProxyCredentials? = nil, fields: [HTTPAddedField] = []
  ) -> HTTPConnect {
    HTTPConnect(
      to: target, through: "proxy:1",
      ProxyAuthentication(credentials) { _, _ in [] }, fields: fields)
  }

  @Test func `CONNECT asks for names and addresses`() throws {
    let agent = try HTTPAddedField("User-Agent: test")
    for (target, name) in [
      (Self.name, "example.org:80"), (Self.ipv4, "192.0.2.1:4660"), (Self.ipv6, "[2001:db8::1]:443"),
    ] {
      for head in [
        "HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 299\r\nVia: x\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 \r\n\r\n",
      ] {
        let answer = Array(head.utf8)
        let request = "CONNECT \(name) HTTP/1.1\r\nHost: \(name)\r\nUser-Agent: test\r\n\r\n"
        expect(
          Self.http(target, fields: [agent]), answer + Array("\r\npayload".utf8),
          .complete(payload: Array("\r\npayload".utf8)), sent: Array(request.utf8), answer: answer.count)
      }
    }
  }

  @Test(arguments: [
    ("403 Forbidden", IOFailure.Reason.untrusted("the proxy answered '403 Forbidden'")),
    ("502 Bad Gateway", .unavailable("the proxy answered '502 Bad Gateway'")),
    ("504", .unavailable("the proxy answered '504'")),
    ("400 \u{1B}[2J", .peerProtocol("the proxy does not speak HTTP: 'HTTP/1.1 400 '")),
    ("404 Nicht da", .peerProtocol("the proxy answered '404 Nicht da'")),
    ("302 Found", .peerProtocol("the proxy answered '302 Found'")),
    (
      "407 Login",
      .untrusted(
        "the proxy answered '407 Login': it requires authentication (--proxy-auth-file FILE)")
    ),
  ])
  func `CONNECT is refused`(answer: String, reason: IOFailure.Reason) {
    for run in HandshakeRun.all(Self.http(), Array("HTTP/1.1 \(answer)\r\nX: y\r\n\r\n".utf8)) {
      #expect(run.end == Self.failed(reason))
    }
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH_9\r\n", "HTTP/2 200\r\n", "HTTP/1.1  200\r\n", "HTTP/1.1 99 x\r\n",
    "HTTP/1.1 2000\r\n", "HTTP/1.1 200 OK\n", "\u{5}\0",
  ])
  func `what is not HTTP is not understood`(answer: String) {
    let runs = HandshakeRun.all(Self.http(), Array(answer.utf8))
    guard case .failed(let failure)? = runs.first?.end, case .peerProtocol = failure.reason else {
      Issue.record("\(answer) is \(runs[0].end)")
      return
    }
    #expect(failure.explanation.hasPrefix("the proxy does not speak HTTP: "))
    for run in runs { #expect(run.end == runs[0].end) }
  }

  @Test func `an answer has its limit`() {
    let line = "X: \(String(repeating: "y", count: 97))\r\n"
    let long = Array(("HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 700)).utf8)
    let tooLong = Self.failed(.peerProtocol("the answer of the proxy is longer than 64 KiB"))
    #expect(HandshakeRun(Self.http(), long).end == tooLong)
    let pieces = stride(from: 0, to: long.count, by: 7).map { long[$0..<min($0 + 7, long.count)] }
    #expect(HandshakeRun(Self.http(), pieces).end == tooLong)
    #expect(HandshakeRun(Self.http(), Array(long[..<60_000])).end == .incomplete)
    let endless = [UInt8](repeating: UInt8(ascii: "x"), count: 70_000)
    #expect(HandshakeRun(Self.http(), endless).end == tooLong)
  }

  // MARK: Authentication

  /// The first request, the answer to it, and the request after that.
  private func second(
    _ credentials: ProxyCredentials?, _ challenges: [String], accepting: Bool = false
  ) -> (request: String, end: HandshakeRun.End) {
    let authentication = ProxyAuthentication(credentials, hash: Self.hash) { "c0nce" }
    func run(_ challenges: [String]) -> HandshakeRun {
      let fields = challenges.map { "Proxy-Authenticate: \($0)\r\n" }.joined()
      return HandshakeRun(
        HTTPConnect(to: Self.name, through: "proxy:1", authentication),
        Array("HTTP/1.1 407 Login\r\n\(fields)\r\n".utf8))
    }
    let first = run(challenges)
    #expect(!String(decoding: first.sent, as: UTF8.self).contains("Authorization"))
    if accepting {
      let accepted = HandshakeRun(
        HTTPConnect(to: Self.name, through: "proxy:1", authentication), Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
      #expect(accepted.end == .complete(payload: []))
      _ = run(challenges)
    }
    let next = run(challenges)
    let line = String(decoding: next.sent, as: UTF8.self).split(separator: "\r\n")
      .first { $0.hasPrefix("Proxy-Authorization: ") }
    return (line.map { String($0.dropFirst(21)) } ?? "", next.end)
  }

  private static let hash: ProxyAuthentication.Hashing = { function, bytes in
    try? OpenSSL.hash(bytes, by: function.rawValue)
  }

  private static let mufasa = ProxyCredentials.user(
    UserCredentials(user: "Mufasa", password: "Circle of Life"))

  @Test func `credentials are sent once the proxy has asked for them`() {
    let basic = second(.user(Self.user), ["Basic realm=x"])
    #expect(basic.request == "Basic bWU6c2VjcmV0")
    #expect(
      basic.end
        == Self.failed(.untrusted("the proxy answered '407 Login': it did not accept the credentials")))
    #expect(second(.bearer("t0ken"), ["Negotiate", "bearer realm=\"x, Basic y\""]).request == "Bearer t0ken")
    #expect(second(nil, ["Basic realm=x"]).request.isEmpty)
    let other = second(.user(Self.user), ["Negotiate, NTLM"])
    #expect(
      other.end
        == Self.failed(
          .untrusted(
            "the proxy answered '407 Login': it offers no usable authentication (negotiate, ntlm)")))
  }

  @Test(arguments: [
    ("MD5", false, false, "19e7af6500b076e2cb2bca57a80bf01e"),
    ("MD5", false, true, "69183423c52a9f008865a007ce65ec1c"),
    ("MD5", true, false, "c7600adba67b7c7f758aa101d0ec80eb"),
    ("MD5", true, true, "c5990ec2f1e66482c04b889f455c68e3"),
    ("SHA-256", false, false, "a79069af80ea071263a324729de112ada759784b061329a5d4b8fd02af8169e6"),
    ("SHA-256", false, true, "5be92c96ad559ef059ecc3946ac51ee95e56f756d9522853b423b1e111d7c8d8"),
    ("SHA-256", true, false, "955ccae24b7f5994b2d7d817c958dbdd48a0b2996d3ac46acf8b1bf3095e47bf"),
    ("SHA-256", true, true, "bfa0b6ab4757f5b49edf93c83dc2f59bb574b6b77feeb29a5946bf953c3a8e2c"),
  ])
  func `Digest answers with a hash`(function: String, ofSession: Bool, quality: Bool, response: String) {
    let challenge =
      #"Digest realm="pr\"oxy", nonce=n0nce, algorithm=\#(function)\#(ofSession ? "-sess" : "")"#
      + (quality ? #", qop="auth-int,auth""# : "") + #", opaque="o,p""#
    let answer = second(Self.mufasa, [challenge]).request
    #expect(
      answer.hasPrefix(#"Digest username="Mufasa", realm="pr\"oxy", nonce="n0nce", uri="example.org:80""#))
    #expect(answer.contains(#", response="\#(response)""#), "\(answer)")
    #expect(answer.contains(#", opaque="o,p""#), "\(answer)")
    #expect(answer.contains("nc=00000001") == quality, "\(answer)")
  }

  @Test func `a proxy may refuse credentials with another status`() {
    let authentication = ProxyAuthentication(.user(Self.user), hash: Self.hash)
    func end(_ head: String) -> HandshakeRun.End {
      HandshakeRun(
        HTTPConnect(to: Self.name, through: "proxy:1", authentication), Array("HTTP/1.1 \(head)\r\n\r\n".utf8)
      ).end
    }
    #expect(end("401 No") == Self.failed(.peerProtocol("the proxy answered '401 No'")))
    _ = end("407 Login\r\nProxy-Authenticate: Basic realm=x")
    #expect(end("401 No") == Self.failed(.untrusted("the proxy answered '401 No'")))
  }

  @Test func `the strongest scheme is chosen, and a stale nonce is replaced`() {
    let old = "Basic realm=x, Digest realm=x, nonce=a"
    let new = "Digest realm=x, nonce=b, algorithm=SHA-256, stale=TRUE, qop=auth"
    for accepting in [false, true] {
      let answer = second(Self.mufasa, [old, new], accepting: accepting)
      #expect(answer.request.contains("algorithm=SHA-256, qop=auth, nc=00000001"), "\(answer)")
    }
    #expect(second(Self.mufasa, [old]).request.hasPrefix("Digest "))
  }
}
