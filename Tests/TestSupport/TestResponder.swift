// SPDX-License-Identifier: GPL-3.0-or-later

/// OCSP responses of the authority for tests, made anew by the `openssl` program for each run.
public struct TestResponder: Sendable {
  /// The authority. Its certificate `must` requires a response, and it delegates the signing of responses to `responder`.
  public let authority: TestAuthority

  /// The responder of all tests of a run.
  public static func shared() async throws -> TestResponder { try await made.value }

  private static let made = Task {
    let responder = TestResponder(authority: try await TestAuthority.shared())
    try await responder.authority.run(script)
    return responder
  }

  /// The file of a response in DER:
  ///
  /// - `good`, `revoked`, `must` and `behind` for the certificates of these names, `unknown` for one that the authority
  ///   does not know
  /// - `delegated`, signed by the responder; `sha256`, which identifies the certificate by that hash; `endless`, without
  ///   a time of the next one, all for `good`
  /// - `expired`, `early`, and `old` without a time of the next one, with another time, all for `good`
  /// - `forged`, signed with the key of another certificate for `good`, and `above`, signed by the issuer of the issuer
  ///   for `behind`
  /// - `later`, an error of a responder
  public func response(_ name: String) -> String { authority.directory.file("\(name).der") }

  /// The options of a server with a certificate and a response.
  public func server(_ certificate: String, _ response: String) -> [String] {
    authority.server(certificate) + ["--tls-staple", self.response(response)]
  }

  private static let script = """
    # The list is missing for a moment while another certificate is issued, which may have the same name as one before.
    until sed -E 's/^R(\\t[^\\t]*\\t)[^\\t]*/R\\1240301000000Z,keyCompromise/' index > statuses; do :; done
    for list in statuses incomplete; do echo 'unique_subject = no' > "$list.attr"; done
    index=statuses
    response() {  # NAME CERTIFICATE ISSUER SIGNER [OPTION...]
      name=$1 certificate=$2 issuer=$3 signer=$4
      shift 4
      "$openssl" ocsp "$@" -index "$index" -CA "$issuer.pem" -issuer "$issuer.pem" -cert "$certificate.pem" \\
        -rsigner "$signer.pem" -rkey "$signer.key" -no_nonce -respout "$name.der"
    }
    response good good ca ca -ndays 7
    response revoked revoked ca ca -ndays 7
    response must must ca ca -ndays 7
    response behind behind middle middle -ndays 7
    response delegated good ca responder -ndays 7
    response sha256 good ca ca -ndays 7 -sha256
    response endless good ca ca
    response forged good ca revoked -ndays 7
    response above behind middle ca -ndays 7
    grep -v '/CN=good$' statuses > incomplete
    index=incomplete
    response unknown good ca ca -ndays 7
    printf '\\060\\003\\012\\001\\003' > later.der

    "$openssl" ocsp -issuer ca.pem -cert good.pem -no_nonce -req_text > request
    field() { sed -n "s/^ *$1: //p" request; }
    timed() {  # NAME START [END], because the program always begins now
      cat > "$1.cnf" <<END
    asn1 = SEQUENCE:response
    [response]
    status = ENUMERATED:0
    bytes = EXPLICIT:0,SEQUENCE:bytes
    [bytes]
    type = OID:1.3.6.1.5.5.7.48.1.1
    basic = OCTWRAP,SEQUENCE:basic
    [basic]
    data = SEQUENCE:data
    algorithm = SEQUENCE:signing
    signature = FORMAT:HEX,BITSTRING:\\$ENV::signature
    [signing]
    name = OID:ecdsa-with-SHA256
    [data]
    responder = EXPLICIT:2,FORMAT:HEX,OCTETSTRING:$(field 'Issuer Key Hash')
    produced = GENERALIZEDTIME:$2
    singles = SEQUENCE:singles
    [singles]
    single = SEQUENCE:single
    [single]
    id = SEQUENCE:id
    status = IMPLICIT:0,NULL
    start = GENERALIZEDTIME:$2
    ${3:+end = EXPLICIT:0,GENERALIZEDTIME:$3}
    [id]
    algorithm = SEQUENCE:hashing
    name = FORMAT:HEX,OCTETSTRING:$(field 'Issuer Name Hash')
    key = FORMAT:HEX,OCTETSTRING:$(field 'Issuer Key Hash')
    number = INTEGER:0x$(field 'Serial Number')
    [hashing]
    name = OID:SHA1
    parameters = NULL
    END
      signature= "$openssl" asn1parse -genstr SEQUENCE:data -genconf "$1.cnf" -noout -out "$1.data"
      signature=$("$openssl" dgst -sha256 -sign ca.key "$1.data" | od -An -v -tx1 | tr -d ' \\n') \\
        "$openssl" asn1parse -genconf "$1.cnf" -noout -out "$1.der"
    }
    timed expired 20240102000000Z 20240109000000Z
    timed early 20480101000000Z 20480108000000Z
    timed old 20240102000000Z
    """
}
