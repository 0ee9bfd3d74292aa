// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Sockets

/// Decides whether the peer of a connection is accepted, by its certificate.
struct PeerVerification {
  private let context: TLSContext
  /// Whether the library compares the certificate with the name of the server.
  private var isNameSet = false
  /// Why the peer's certificate is refused; `nil` if it is not.
  private(set) var problem: VerificationProblem?
  /// The peer's certificate; `nil` before it is known, and if there is none.
  private(set) var peer: CertificateSummary?
  /// What the OCSP response of a server says; `nil` if none was asked for, or sent.
  private(set) var staple: StapledStatus?

  /// Creates the state before the handshake of a connection.
  init(by context: TLSContext) { self.context = context }

  /// Sets the name that the server's certificate must be for, and the one that is sent.
  mutating func expectServer(in session: OpaquePointer) {
    guard let server = context.server else { return }
    let parameters = unsafe openssl.SSL_get0_param(session)
    if let name = server.name {
      if IPAddress(name) != nil {
        isNameSet = unsafe openssl.X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1
      } else {
        let flags =
          X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS
          | (server.acceptsCommonName ? 0 : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
        unsafe openssl.X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(flags))
        isNameSet = unsafe openssl.X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1
      }
    }
    if context.verifiesChain { unsafe StatusRequest.ask(in: session) }
    guard let indication = server.indication else { return }
    _ = unsafe indication.withCString {
      unsafe openssl.SSL_ctrl(
        session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
        UnsafeMutableRawPointer(mutating: $0))
    }
  }

  /// Verifies the peer's certificate, whose `X509_STORE_CTX` is given.
  ///
  /// - Returns: Whether it is accepted.
  mutating func verify(_ store: OpaquePointer) -> Bool {
    guard let certificate = unsafe openssl.X509_STORE_CTX_get0_cert(store) else { return false }
    let summary = unsafe CertificateSummary(of: certificate)
    peer = summary
    guard let (kind, atFault) = unsafe refusal(of: certificate, summary, store) else { return true }
    if context.verifiesPeer { problem = VerificationProblem(kind: kind, certificate: atFault, peer: summary) }
    // A code of the store's own says more to the peer.
    if unsafe openssl.X509_STORE_CTX_get_error(store) == X509_V_OK {
      unsafe openssl.X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED)
    }
    return false
  }

  /// Why the peer's certificate is refused, and the one that is at fault if it is another one; `nil` if it is accepted.
  private func refusal(
    of certificate: OpaquePointer, _ summary: CertificateSummary, _ store: OpaquePointer
  ) -> (VerificationProblem.Kind, CertificateSummary?)? {
    if context.server?.name != nil, !isNameSet { return (.code(X509_V_ERR_HOSTNAME_MISMATCH), nil) }
    let pins = context.settings.pins
    if !pins.isEmpty {
      guard pins.contains(where: { unsafe $0.matches(certificate) }) else {
        return (.pin, nil)
      }
      // The key is the identity, whatever the certificate says.
    }
    if context.settings.verifiesChain, unsafe openssl.X509_verify_cert(store) != 1 {
      let atFault = unsafe openssl.X509_STORE_CTX_get_current_cert(store).map {
        unsafe CertificateSummary(of: $0)
      }
      return (.code(unsafe openssl.X509_STORE_CTX_get_error(store)), atFault)
    }
    if let end = context.earliestEnd, summary.notAfter < end {
      return (.endsSoon, nil)
    }
    if let pattern = context.clientName, !summary.hasName(matching: pattern) {
      return (.clientName(pattern), nil)
    }
    return nil
  }

  /// Checks the OCSP response that the server has sent with its certificate, once that is verified, or that it has sent
  /// none. Only one that says that the certificate is revoked, or one that is required, decides.
  ///
  /// - Returns: Whether the server is still accepted.
  mutating func checkStaple(of session: OpaquePointer) -> Bool {
    // A resumed session has no certificate, and so no response.
    guard context.verifiesChain, let peer, unsafe openssl.SSL_session_reused(session) != 1 else {
      return true
    }
    let found: StapleProblem
    do throws(StapleProblem) {
      let status = try unsafe Self.stapledStatus(in: session)
      guard let problem = status.problem(at: WallClock.seconds) else {
        staple = .good(status)
        return true
      }
      found = problem
    } catch {
      found = error
    }
    if found != .missing { staple = .unusable(found) }
    guard found.isRevocation || context.requiresStaple || peer.requiresStaple else { return true }
    let isByCertificate = peer.requiresStaple && !context.requiresStaple
    problem = VerificationProblem(
      kind: .staple(found, requiredByCertificate: isByCertificate), certificate: nil, peer: peer)
    return false
  }

  /// What the server's OCSP response says of its certificate, by the chain that was verified.
  private static func stapledStatus(
    in session: OpaquePointer
  ) throws(StapleProblem) -> CertificateStatus {
    guard let encoded = unsafe StatusRequest.response(in: session) else { throw .missing }
    let response = try OCSPResponse(encoded)
    let chain = unsafe openssl.SSL_get0_verified_chain(session)
    let authorities = unsafe (0..<max(0, openssl.OPENSSL_sk_num(chain))).compactMap {
      unsafe openssl.OPENSSL_sk_value(chain, $0).map { OpaquePointer($0) }
    }
    guard let certificate = unsafe authorities.first else { throw .untrusted(nil) }
    // The last certificate of a chain is trusted, and one that stands alone may be its own issuer.
    let issuer = unsafe authorities.count > 1 ? authorities[1] : certificate
    let status = try unsafe response.status(of: certificate, issuedBy: issuer)
    let store = unsafe openssl.SSL_CTX_get_cert_store(TLSSession.of(session).context.pointer)
    try unsafe response.verifySignature(trusting: store, through: chain)
    return status
  }

  /// Notes the peer's certificate after a handshake in which it was not verified, such as that of a resumed session.
  mutating func noteCertificate(of session: OpaquePointer) {
    guard peer == nil, let certificate = unsafe openssl.SSL_get1_peer_certificate(session) else { return }
    unsafe peer = CertificateSummary(of: certificate)
    unsafe openssl.X509_free(certificate)
  }

  /// Checks what may have changed since the session began that a connection has resumed: the library verifies no
  /// certificate again.
  ///
  /// - Returns: Whether it is still accepted.
  mutating func checkResumed(_ session: OpaquePointer) -> Bool {
    guard context.verifiesPeer, let peer, unsafe openssl.SSL_session_reused(session) == 1 else { return true }
    let kind: VerificationProblem.Kind
    // The library counts the last second as over, too.
    if peer.secondsLeft <= 0, context.settings.verifiesChain {
      kind = .code(X509_V_ERR_CERT_HAS_EXPIRED)
    } else if let end = context.earliestEnd, peer.notAfter < end {
      kind = .endsSoon
    } else {
      return true
    }
    problem = VerificationProblem(kind: kind, certificate: nil, peer: peer)
    return false
  }
}
