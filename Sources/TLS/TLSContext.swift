// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL
import Glibc
package import Sockets
import SystemPackage
import Text
package import Transport

/// The side of a connection that a program is on.
enum TLSRole {
  /// It has opened the connection.
  case client
  /// It has accepted it.
  case server

  /// The name of the peer's side, for messages.
  var peerName: String { self == .client ? "server" : "client" }
}

/// What all TLS connections of a client or of a server share: an `SSL_CTX`. It can be used from any thread.
@safe package final class TLSContext: @unchecked Sendable {
  /// The `SSL_CTX`.
  let pointer: OpaquePointer
  /// The side that we are on.
  let role: TLSRole
  /// What both sides can choose.
  let settings: TLSSettings
  /// The name that the server's certificate must be for, `nil` for any, and the one that is sent; `nil` for a server.
  let server: (name: String?, indication: String?, acceptsCommonName: Bool)?
  /// Whether a peer whose certificate cannot be verified is refused.
  let verifiesPeer: Bool
  /// The name that a client's certificate must have; `nil` for any.
  let clientName: String?
  /// The earliest moment at which the server's certificate may end, in seconds since 1970; `nil` for any.
  let earliestEnd: Int?
  /// Whether the server must send an OCSP response by which its certificate is good.
  let requiresStaple: Bool
  /// The OCSP response that clients get with our certificate; `nil` for none.
  private(set) var staple: Staple?
  /// The time that a peer has for the handshake; `nil` if the caller limits it.
  let handshakeLimit: Duration?
  /// The certificate that a peer sees; `nil` for none.
  package private(set) var identity: CertificateSummary?
  /// Called with the events of connections, from any thread.
  let report: @Sendable (TLSEvent) -> Void
  /// The file of secrets, in the format of NSS, which programs such as Wireshark read.
  private let keyLog: OutputFile?
  /// The file of the session to resume; `nil` for none.
  let sessionFile: SessionFile?

  /// Prepares the connections of a client.
  ///
  /// - Throws: The reason why the library or a file cannot be used.
  package init(
    client settings: TLSClientSettings, report: @escaping @Sendable (TLSEvent) -> Void
  ) throws(IOFailure) {
    try OpenSSL.load()
    role = .client
    self.settings = settings.common
    server = (settings.verifiesName ? settings.name : nil, settings.indication, settings.acceptsCommonName)
    verifiesPeer = settings.isVerified
    requiresStaple = settings.requiresStaple
    clientName = nil
    handshakeLimit = settings.handshakeLimit
    let minimumValidity = Int(settings.minimumValidity.components.seconds)
    sessionFile = try settings.sessionFile.map { (path) throws(IOFailure) in
      try SessionFile(path, for: settings)
    }
    earliestEnd = minimumValidity == 0 ? nil : WallClock.seconds + minimumValidity
    self.report = report
    keyLog = try Self.openKeyLog(settings.common)
    // The last property without a value: a failure from here on frees it.
    unsafe pointer = try Self.makePointer(
      settings.common.isDatagram ? openssl.DTLS_client_method() : openssl.TLS_client_method())
    identity = try unsafe Self.useFiles(of: settings.common, in: pointer)
    try unsafe Self.configure(pointer, settings.common)
    try unsafe Self.trust(settings.common.authorities, in: pointer)
    unsafe openssl.SSL_CTX_set_verify(pointer, settings.isVerified ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
    unsafe openssl.SSL_CTX_set_cert_cb(pointer, Self.certificateRequested, nil)
    try setApplicationProtocols()
    if let sessionFile {
      unsafe sessionFile.prepare(pointer)
      unsafe openssl.SSL_CTX_sess_set_new_cb(pointer, Self.saveSession)
    }
    setCallbacks()
  }

  /// Prepares the connections of a server.
  ///
  /// - Parameter other: Another context of the same server, whose new certificate this one presents too.
  /// - Throws: The reason why the library or a file cannot be used.
  package init(
    server settings: TLSServerSettings, beside other: TLSContext? = nil,
    report: @escaping @Sendable (TLSEvent) -> Void
  ) throws(IOFailure) {
    try OpenSSL.load()
    role = .server
    self.settings = settings.common
    server = nil
    verifiesPeer = true
    requiresStaple = false
    clientName = settings.clientName
    handshakeLimit = settings.handshakeLimit
    earliestEnd = nil
    sessionFile = nil
    self.report = report
    keyLog = try Self.openKeyLog(settings.common)
    // The last property without a value: a failure from here on frees it.
    unsafe pointer = try Self.makePointer(
      settings.common.isDatagram ? openssl.DTLS_server_method() : openssl.TLS_server_method())
    if settings.selfSignedNames != nil, let other {
      _ = unsafe openssl.SSL_CTX_use_certificate(
        pointer, openssl.SSL_CTX_get0_certificate(other.pointer))
      _ = unsafe openssl.SSL_CTX_use_PrivateKey(pointer, openssl.SSL_CTX_get0_privatekey(other.pointer))
      identity = other.identity
    } else if let names = settings.selfSignedNames {
      identity = try unsafe Self.use(
        try Identity(selfSignedFor: names, settings.selfSignedKey), in: pointer, from: "the new certificate")
    } else {
      identity = try unsafe Self.useFiles(of: settings.common, in: pointer)
    }
    if let path = settings.staple { staple = try unsafe Staple(from: path, forCertificateIn: pointer) }
    try unsafe Self.configure(pointer, settings.common)
    try authenticateClients(settings)
    // Sessions are kept by the clients alone, in tickets.
    _ = unsafe openssl.SSL_CTX_ctrl(pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
    let name = Array("sockkit".utf8)
    _ = unsafe openssl.SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count))
    if !settings.sendsTickets {
      _ = unsafe openssl.SSL_CTX_set_num_tickets(pointer, 0)
      _ = unsafe openssl.SSL_CTX_set_options(pointer, copenssl_no_ticket)
    }
    _ = unsafe openssl.SSL_CTX_set_options(pointer, copenssl_server_preference)
    if settings.common.isDatagram { unsafe DTLSCookie.require(in: pointer) }
    if !settings.common.applicationProtocols.isEmpty {
      unsafe openssl.SSL_CTX_set_alpn_select_cb(pointer, Self.selectApplicationProtocol, nil)
    }
    setCallbacks()
  }

  deinit { unsafe openssl.SSL_CTX_free(pointer) }

  /// Creates the protected stream over another one.
  ///
  /// - Parameter name: The peer's name for messages; `nil` for that of the stream below.
  package func makeStream(over transport: any ByteStream, named name: String? = nil) -> TLSStream {
    TLSStream(over: transport, in: self, named: name)
  }

  /// Whether the chain of a server's certificate is verified, and with it the OCSP response that the server sends.
  var verifiesChain: Bool { role == .client && verifiesPeer && settings.verifiesChain }

  /// Why clients that verify our certificate may refuse it because of its OCSP response, in words; `nil` if nothing is
  /// known.
  package var stapleWarning: String? {
    if let staple { return staple.warning(at: WallClock.seconds) }
    guard role == .server, let identity, identity.requiresStaple else { return nil }
    return "the certificate requires an OCSP response, without which clients refuse it "
      + "(\(settings.optionPrefix)tls-staple FILE)"
  }

  // MARK: Settings

  private func authenticateClients(_ settings: TLSServerSettings) throws(IOFailure) {
    let mode =
      switch settings.clientAuthentication {
      case .none: SSL_VERIFY_NONE
      case .request: SSL_VERIFY_PEER
      case .require: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
      }
    unsafe openssl.SSL_CTX_set_verify(pointer, mode, nil)
    guard settings.clientAuthentication != .none, !settings.common.authorities.isEmpty else { return }
    try unsafe Self.trust(settings.common.authorities, in: pointer)
    // Clients choose their certificate by the names of the authorities.
    for path in settings.common.authorities {
      guard let names = unsafe openssl.SSL_load_client_CA_file(path) else { continue }
      unsafe openssl.SSL_CTX_set_client_CA_list(pointer, names)
    }
    openssl.ERR_clear_error()
  }

  /// The protocols in the form of the extension: each behind its length.
  private var encodedProtocols: [UInt8] {
    settings.applicationProtocols.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
  }

  private func setApplicationProtocols() throws(IOFailure) {
    let protocols = encodedProtocols
    guard !protocols.isEmpty else { return }
    // This function returns 0 on success.
    guard unsafe openssl.SSL_CTX_set_alpn_protos(pointer, protocols, UInt32(protocols.count)) == 0 else {
      throw Self.failure("--tls-alpn")
    }
  }

  private func setCallbacks() {
    unsafe openssl.SSL_CTX_set_cert_verify_callback(pointer, Self.verify, nil)
    unsafe openssl.SSL_CTX_set_info_callback(pointer, Self.noteAlert)
    if verifiesChain { unsafe StatusRequest.check(in: pointer) }
    if staple != nil { unsafe StatusRequest.answer(in: pointer) }
    if keyLog != nil { unsafe openssl.SSL_CTX_set_keylog_callback(pointer, Self.logKey) }
  }

  // MARK: Callbacks

  private static let verify: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> CInt = { store, _ in
    let index = openssl.SSL_get_ex_data_X509_STORE_CTX_idx()
    guard let store = unsafe store, let session = unsafe openssl.X509_STORE_CTX_get_ex_data(store, index)
    else {
      return 0
    }
    return unsafe TLSSession.of(OpaquePointer(session)).verification.verify(store) ? 1 : 0
  }

  private static let noteAlert: @convention(c) (OpaquePointer?, CInt, CInt) -> Void = {
    session, event, value in
    guard event & SSL_CB_ALERT != 0, value >> 8 == SSL3_AL_FATAL else { return }
    let direction: TrafficDirection = event & SSL_CB_WRITE != 0 ? .sent : .received
    unsafe TLSSession.of(session).alert = Alert(
      number: UInt8(truncatingIfNeeded: value), direction: direction)
  }

  private static let certificateRequested: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> CInt =
    {
      session, _ in
      unsafe TLSSession.of(session).isCertificateRequested = true
      return 1
    }

  private static let saveSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> CInt = {
    connection, session in
    if let session = unsafe session { unsafe TLSSession.of(connection).context.sessionFile?.save(session) }
    // The library keeps the session.
    return 0
  }

  private static let logKey: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> Void = {
    session, line in
    guard let line = unsafe line else { return }
    let text = unsafe Array(String(cString: line).utf8) + [ASCII.lineFeed]
    // A failure to write the log must not end the connection.
    try? unsafe TLSSession.of(session).context.keyLog?.write(text.span)
  }

  private static let selectApplicationProtocol:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
      UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> CInt = { session, chosen, length, offers, count, _ in
      let ours = unsafe TLSSession.of(session).context.settings.applicationProtocols
      var offered: [(offset: Int, name: String)] = []
      let bytes = unsafe UnsafeBufferPointer(start: offers, count: Int(count))
      var offset = 0
      while offset < bytes.count {
        let end = unsafe offset + 1 + Int(bytes[offset])
        guard end <= bytes.count else { break }
        unsafe offered.append((offset, String(decoding: bytes[(offset + 1)..<end], as: UTF8.self)))
        offset = end
      }
      for name in ours {
        guard let offer = offered.first(where: { $0.name == name }) else { continue }
        unsafe chosen?.pointee = offers?.advanced(by: offer.offset + 1)
        unsafe length?.pointee = bytes[offer.offset]
        return SSL_TLSEXT_ERR_OK
      }
      return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}
