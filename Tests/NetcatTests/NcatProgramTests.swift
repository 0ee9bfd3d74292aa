// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import HTTP
import Handshakes
import Netcat
import Sessions
import Sockets
import Testing

/// The life cycle that a command line stands for, as the values of a relay.
struct NcatProgramTests {
  private static func client(_ words: String...) throws -> StreamInvocation {
    try NcatProgram(ProgramName("ncat"), words + ["host"]).connectStream
  }

  private static func listener(_ words: String...) throws -> StreamInvocation {
    try NcatProgram(ProgramName("ncat"), words + ["-l"]).listenStream
  }

  @Test func `the end of the input half-closes, and that of the peer ends the input`() throws {
    for policy in [try Self.client().policy, try Self.listener().policy] {
      #expect(policy.halfCloses && policy.stopsInputOnPeerEnd)
      #expect(policy.directions == .both && policy.quitAfter == nil && !policy.endsInOrderWhenIdle)
    }
  }

  @Test func `a client of -k goes on sending, and with --no-shutdown nothing is half-closed`() throws {
    #expect(try !Self.client("-k").policy.stopsInputOnPeerEnd)
    #expect(try !Self.client("--no-shutdown").policy.halfCloses)
    #expect(try !Self.listener("--no-shutdown").policy.halfCloses)
  }

  @Test func `only one direction carries bytes if that is asked for`() throws {
    #expect(try Self.client("--send-only").policy.directions == .sendOnly)
    #expect(try Self.listener("--recv-only").policy.directions == .receiveOnly)
  }

  @Test func `datagrams end with the input, at once or after the time of -q`() throws {
    #expect(try Self.client("-u").policy.quitAfter == .zero)
    #expect(try Self.client("-u", "-q", "2").policy.quitAfter == .seconds(2))
    #expect(try Self.client("-u", "-q", "-1").policy.quitAfter == nil)
    #expect(try Self.client("-u", "--recv-only").policy.quitAfter == nil)
    #expect(try Self.client("-q", "2").policy.quitAfter == .seconds(2))
    #expect(try Self.listener("-u").policy.quitAfter == nil)
  }

  @Test func `a command uses the connection directly unless an option needs its bytes`() throws {
    #expect(try Self.listener("-c", "x").policy == RelayPolicy())
    #expect(try !Self.listener("-c", "x").filters.areAny)
    #expect(try Self.listener("-c", "x", "-C").filters.areAny)
  }

  // MARK: As a proxy

  private static func proxy(_ words: String..., environment: String? = nil) throws -> ForwardInvocation {
    let options = try NcatOptions(words + ["-l", "--proxy-type", "HTTP"], of: ProgramName("ncat"))
    let server = try #require(try NcatProxyServer(options, environment: environment))
    return server.invocation(on: .internet(host: nil, port: "1"), Resolver())
  }

  @Test func `a proxy serves everybody, at once, and in the style of the original`() throws {
    let invocation = try Self.proxy("-m", "3", "-w", "2", "-i", "5")
    let serving = try #require(invocation.serving)
    #expect(serving.protocols == .http && serving.style == NcatProxyServer.style && serving.users == nil)
    #expect(!serving.isOnLoopback && !serving.protectsPrivate)
    #expect(invocation.connectLimit == .seconds(2) && invocation.idle == .seconds(5))
    #expect(invocation.maximumConnections == nil && invocation.isEndedBySignal)
    #expect(try Self.proxy("-k", "-m", "3").maximumConnections == 3)
  }

  @Test func `a password is that of an option, or of the environment`() throws {
    for invocation in [
      try Self.proxy("--proxy-auth", "u:p:q", environment: "x:y"), try Self.proxy(environment: "u:p:q"),
    ] {
      guard case .known(let users, _?)? = invocation.serving?.users else {
        Issue.record("no password is known")
        continue
      }
      #expect(users.password(of: Array("u".utf8)) == Array("p:q".utf8))
    }
    #expect(throws: NcatTarget.Problem.self) { try Self.proxy("--proxy-auth", "u") }
  }

  @Test func `only a listener with a type is a proxy`() throws {
    for words in [["-l"], ["--proxy", "p", "--proxy-type", "http", "h"]] {
      #expect(try NcatProxyServer(NcatOptions(words, of: ProgramName("ncat")), environment: "u") == nil)
    }
  }
}
