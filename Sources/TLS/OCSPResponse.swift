// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import COpenSSL

/// An OCSP response (RFC 6960): what an authority, or a responder of it, says of certificates at a time.
///
/// It owns an `OCSP_BASICRESP`.
@safe package struct OCSPResponse: ~Copyable {
  private let pointer: OpaquePointer

  /// Parses the DER of a response.
  ///
  /// - Throws: `malformed` or `unsuccessful`.
  package init(_ encoded: [UInt8]) throws(StapleProblem) {
    defer { openssl.ERR_clear_error() }
    let whole = unsafe encoded.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      let response = unsafe openssl.d2i_OCSP_RESPONSE(nil, &position, bytes.count)
      // Nothing may follow it.
      let isWhole = unsafe position == bytes.baseAddress?.advanced(by: bytes.count)
      if !isWhole { unsafe openssl.OCSP_RESPONSE_free(response) }
      return unsafe isWhole ? response : nil
    }
    guard let whole = unsafe whole else { throw .malformed }
    defer { unsafe openssl.OCSP_RESPONSE_free(whole) }
    let status = unsafe openssl.OCSP_response_status(whole)
    guard status == OCSP_RESPONSE_STATUS_SUCCESSFUL else {
      throw .unsuccessful(unsafe OpenSSL.text(openssl.OCSP_response_status_str(Int(status))))
    }
    guard let basic = unsafe openssl.OCSP_response_get1_basic(whole) else { throw .malformed }
    unsafe pointer = basic
  }

  deinit { unsafe openssl.OCSP_BASICRESP_free(pointer) }

  /// Finds what is said of a certificate. Whether it is true, the signature shows.
  ///
  /// - Parameters:
  ///   - certificate: An `X509`.
  ///   - issuer: The `X509` of its issuer, whose key is compared too; `nil` if that is not known.
  /// - Throws: `ofAnotherCertificate`, or `malformed` without a valid time.
  package func status(
    of certificate: OpaquePointer, issuedBy issuer: OpaquePointer?
  ) throws(StapleProblem) -> CertificateStatus {
    for index in 0..<max(0, unsafe openssl.OCSP_resp_count(pointer)) {
      guard let single = unsafe openssl.OCSP_resp_get0(pointer, index),
        unsafe Self.isAbout(certificate, issuer, openssl.OCSP_SINGLERESP_get0_id(single))
      else { continue }
      return try unsafe Self.status(in: single)
    }
    throw .ofAnotherCertificate
  }

  /// Whether a `CERTID` is that of a certificate: the hashes of its issuer's name and key, and its number.
  private static func isAbout(
    _ certificate: OpaquePointer, _ issuer: OpaquePointer?, _ id: OpaquePointer?
  ) -> Bool {
    var (name, key): (UnsafeMutablePointer<ASN1_OCTET_STRING>?, UnsafeMutablePointer<ASN1_OCTET_STRING>?)
    var number: UnsafeMutablePointer<ASN1_INTEGER>?
    var algorithm: OpaquePointer?
    guard
      unsafe openssl.OCSP_id_get0_info(&name, &algorithm, &key, &number, id) == 1,
      // EVP_get_digestbyobj
      let function = unsafe openssl.EVP_get_digestbyname(
        openssl.OBJ_nid2sn(openssl.OBJ_obj2nid(algorithm))),
      unsafe openssl.ASN1_INTEGER_cmp(number, openssl.X509_get_serialNumber(certificate)) == 0
    else {
      openssl.ERR_clear_error()
      return false
    }
    let nameHash = unsafe hash {
      unsafe openssl.X509_NAME_digest(openssl.X509_get_issuer_name(certificate), function, $0, $1)
    }
    guard unsafe nameHash == CertificateSummary.bytes(of: name) else { return false }
    guard let issuer = unsafe issuer else { return true }
    let keyHash = unsafe hash { unsafe openssl.X509_pubkey_digest(issuer, function, $0, $1) }
    return unsafe keyHash == CertificateSummary.bytes(of: key)
  }

  /// The hash that a function of the library writes; `nil` if it fails.
  private static func hash(
    _ write: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt32>) -> CInt
  ) -> [UInt8]? {
    var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    let isWritten = unsafe hash.withUnsafeMutableBufferPointer { unsafe write($0.baseAddress, &count) == 1 }
    return isWritten ? Array(hash.prefix(Int(count))) : nil
  }

  private static func status(in single: OpaquePointer) throws(StapleProblem) -> CertificateStatus {
    var reason: CInt = -1
    var (moment, start, end):
      (
        UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?, UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?,
        UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
      )
    let verdict: CertificateStatus.Verdict
    switch unsafe openssl.OCSP_single_get0_status(single, &reason, &moment, &start, &end) {
    case V_OCSP_CERTSTATUS_GOOD: verdict = .good
    case V_OCSP_CERTSTATUS_REVOKED:
      verdict = .revoked(
        at: unsafe CertificateSummary.seconds(moment),
        reason: reason < 0 ? nil : unsafe OpenSSL.text(openssl.OCSP_crl_reason_str(Int(reason))))
    default: verdict = .unknown
    }
    let thisUpdate = unsafe CertificateSummary.seconds(start)
    let nextUpdate = unsafe end.map { unsafe CertificateSummary.seconds($0) }
    guard thisUpdate > 0, nextUpdate.map({ $0 >= thisUpdate }) ?? true else { throw .malformed }
    return CertificateStatus(verdict, from: thisUpdate, until: nextUpdate)
  }

  /// Verifies that the issuer of the certificates has signed it, or a responder to which that has delegated it.
  ///
  /// - Parameters:
  ///   - store: An `X509_STORE` with the trusted authorities.
  ///   - chain: A `STACK_OF(X509)` with the authorities between these and the certificates.
  /// - Throws: `untrusted`.
  package func verifySignature(
    trusting store: OpaquePointer?, through chain: OpaquePointer?
  ) throws(StapleProblem) {
    // None but these two, even if an authority is marked as trusted for OCSP.
    guard unsafe openssl.OCSP_basic_verify(pointer, chain, store, UInt(OCSP_NOEXPLICIT)) != 1 else { return }
    let error = OpenSSL.takeError()
    throw .untrusted(error.code == 0 ? nil : error.text)
  }
}
