// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import SocketTestSupport
import Sockets
import Synchronization
import TLS
import TestSupport
import Testing
import Transport

/// The OCSP response that a server sends with its certificate, between a client and a server in one thread.
struct StapleTests {
  /// A server with a certificate and a response.
  private static func server(
    _ certificate: String, _ response: String?, _ version: TLSVersion = .tls13
  ) async throws -> TLSContext {
    let responder = try await TestResponder.shared()
    var settings = TLSServerSettings()
    settings.common.identity = IdentityFiles(
      certificate: responder.authority.certificate(certificate), key: responder.authority.key(certificate))
    settings.common.maximum = version
    settings.staple = response.map(responder.response)
    return try TLSContext(server: settings) { _ in }
  }

  /// How a handshake ends: what the client learns from the response, and the failures of both sides.
  private struct End {
    var staple: StapledStatus?
    var (client, server): (IOFailure.Reason?, IOFailure.Reason?)
  }

  private static func handshake(with server: TLSContext, isRequired: Bool) async throws -> End {
    let responder = try await TestResponder.shared()
    var settings = TLSClientSettings(name: "localhost")
    settings.common.authorities = [responder.authority.certificate]
    settings.requiresStaple = isRequired
    let summary = Guarded<TLSSummary?>(nil)
    let context = try TLSContext(client: settings) { event in
      if case .established(let found, _) = event { summary.withLock { $0 = found } }
    }
    let listener = try Listener.unique()
    let client = context.makeStream(
      over: SocketStream(try Connector().connect(to: [listener.local]), acknowledged: 0), named: "server")
    let far = server.makeStream(over: SocketStream(try listener.acceptWaiting(), acknowledged: 0))
    var end = End()
    while end.client == nil || end.server == nil {
      var areDone = (false, false)
      if end.client == nil {
        do throws(IOFailure) { areDone.0 = try client.handshake() == .done } catch {
          end.client = error.reason
        }
      }
      if end.server == nil {
        do throws(IOFailure) { areDone.1 = try far.handshake() == .done } catch { end.server = error.reason }
      }
      if areDone == (true, true) { break }
    }
    end.staple = summary.withLock { $0?.staple }
    return end
  }

  @Test(arguments: ["good", "delegated", "sha256", "endless"], TLSVersion.allCases)
  func `a client that requires a response accepts a good one`(
    response: String, version: TLSVersion
  ) async throws {
    let server = try await Self.server("good", response, version)
    #expect(server.stapleWarning == nil)
    let end = try await Self.handshake(with: server, isRequired: true)
    guard case .good(let status)? = end.staple else {
      Issue.record("\(end)")
      return
    }
    #expect(status.verdict == .good && (status.nextUpdate == nil) == (response == "endless"))
  }

  @Test func `the response for a certificate behind another authority is signed by that one`() async throws {
    let server = try await Self.server("chain", "behind")
    #expect(try await Self.handshake(with: server, isRequired: true).client == nil)
  }

  @Test(arguments: TLSVersion.allCases)
  func `a server without a response is accepted unless one is required`(version: TLSVersion) async throws {
    let server = try await Self.server("good", nil, version)
    let end = try await Self.handshake(with: server, isRequired: false)
    #expect(end.client == nil && end.staple == nil)
    let refused = try await Self.handshake(with: server, isRequired: true)
    #expect(refused.client == .untrusted("the server sent no OCSP response"))
    #expect(
      refused.server
        == .untrusted("the client refused our certificate (bad certificate status response)"))
  }

  @Test func `a certificate can require a response itself`() async throws {
    let server = try await Self.server("must", nil)
    #expect(
      server.stapleWarning
        == "the certificate requires an OCSP response, without which clients refuse it (--tls-staple FILE)")
    let end = try await Self.handshake(with: server, isRequired: false)
    #expect(end.client == .untrusted("the server sent no OCSP response, which its certificate requires"))
    let stapled = try await Self.server("must", "must")
    #expect(stapled.stapleWarning == nil)
    #expect(try await Self.handshake(with: stapled, isRequired: false).client == nil)
  }

  @Test(arguments: TLSVersion.allCases)
  func `a revoked certificate is refused, required or not`(version: TLSVersion) async throws {
    let server = try await Self.server("revoked", "revoked", version)
    #expect(
      server.stapleWarning?.hasSuffix(
        "/revoked.der: the OCSP response says that the certificate was revoked on 2024-03-01 (keyCompromise): "
          + "clients can refuse the certificate") == true)
    let end = try await Self.handshake(with: server, isRequired: false)
    #expect(
      end.client
        == .untrusted(
          "the certificate was revoked on 2024-03-01 (keyCompromise), as its OCSP response says"))
  }

  @Test(arguments: [
    ("expired", "is from 2024-01-02, and expired on 2024-01-09"), ("early", "is not valid before 2048-01-01"),
    ("old", "is from 2024-01-02, and too old"),
  ])
  func `a response that is not valid now is not sent`(response: String, problem: String) async throws {
    let server = try await Self.server("good", response)
    #expect(
      server.stapleWarning?.hasSuffix("/\(response).der: the OCSP response \(problem): it is not sent")
        == true)
    #expect(try await Self.handshake(with: server, isRequired: false).client == nil)
    #expect(
      try await Self.handshake(with: server, isRequired: true).client
        == .untrusted("the server sent no OCSP response"))
  }

  @Test func `a client with only a pin asks for no response`() async throws {
    let server = try await Self.server("revoked", "revoked")
    var settings = TLSClientSettings(name: "localhost")
    settings.common.pins = [.publicKey(try #require(server.identity).pin)]
    let listener = try Listener.unique()
    let client = try TLSContext(client: settings) { _ in }.makeStream(
      over: SocketStream(try Connector().connect(to: [listener.local]), acknowledged: 0), named: "server")
    let far = server.makeStream(over: SocketStream(try listener.acceptWaiting(), acknowledged: 0))
    while try client.handshake() != .done { _ = try far.handshake() }
  }

  @Test(arguments: [
    ("good", "revoked.der", "the OCSP response is about another certificate"),
    ("good", "later.der", "the OCSP response has no status, but the error 'trylater'"),
    ("good", "ca.pem", "not an OCSP response in DER (--tls-staple)"),
    ("good", "cut.der", "not an OCSP response in DER (--tls-staple)"),
    ("good", "longer.der", "not an OCSP response in DER (--tls-staple)"),
    ("good", "empty.der", "not an OCSP response in DER (--tls-staple)"),
    (
      "chain", "above.der",
      "the OCSP response is not signed by the issuer of the certificate, or a responder of it (certificate verify error)"
    ),
  ])
  func `a file that is no response for the certificate is refused`(
    certificate: String, file: String, reason: String
  ) async throws {
    let responder = try await TestResponder.shared()
    let directory = try TemporaryDirectory()
    let good = try responder.authority.directory.read("good.der")
    let path =
      switch file {
      case "cut.der": try directory.write(Array(good.dropLast()), to: file)
      case "longer.der": try directory.write(good + [0], to: file)
      case "empty.der": try directory.write([UInt8](), to: file)
      default: responder.authority.directory.file(file)
      }
    var settings = TLSServerSettings()
    settings.common.identity = IdentityFiles(
      certificate: responder.authority.certificate(certificate), key: responder.authority.key(certificate))
    settings.staple = path
    #expect(throws: IOFailure(.read(path), .malformed(reason))) {
      try TLSContext(server: settings) { _ in }
    }
  }
}
