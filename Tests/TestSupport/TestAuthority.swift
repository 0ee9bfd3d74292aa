// SPDX-License-Identifier: GPL-3.0-or-later

/// An authority with certificates for tests, made anew by the `openssl` program for each run.
public struct TestAuthority: Sendable {
  /// The directory of the files: `NAME.pem` has a certificate and its chain, `NAME.key` its key.
  public let directory: TemporaryDirectory

  /// The authority of all tests of a run.
  public static func shared() async throws -> TestAuthority { try await made.value }

  private static let made = Task { try await TestAuthority() }

  private init() async throws {
    directory = try TemporaryDirectory()
    try await run(Self.script)
  }

  /// Runs a script in the directory, with the path of the `openssl` program in `$openssl`.
  func run(_ script: String, _ arguments: String...) async throws {
    let openssl = try Program.other("openssl", package: "openssl", []).path
    let end = try await RunningProgram(
      .shell(Self.preparation + script, [openssl, directory.path] + arguments)
    ).finished()
    guard end.ending == .exit(0) else { throw Failure(description: "\(end)") }
  }

  private struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The certificate of the authority.
  public var certificate: String { directory.file("ca.pem") }

  /// The file with a certificate and its chain.
  public func certificate(_ name: String) -> String { directory.file("\(name).pem") }

  /// The file with the key of a certificate.
  public func key(_ name: String) -> String { directory.file("\(name).key") }

  /// Issues a certificate for this machine that ends in some seconds.
  public func issueCertificate(_ name: String, endingIn seconds: Int) async throws {
    try await run(
      """
      "$openssl" x509 -in good.pem -x509toreq -signkey good.key -out "$1.csr"
      "$openssl" ca -batch -config ca.cnf -notext -cert ca.pem -keyfile ca.key -in "$1.csr" -out "$1.pem" \\
        -extfile good.ext -startdate 20200101000000Z -enddate "$(date -u -d "$2 seconds" +%Y%m%d%H%M%SZ)"
      cp good.key "$1.key"
      """, name, "\(seconds)")
  }

  /// Waits until a certificate that ends soon has ended.
  public func awaitEnd(of name: String) async throws {
    try await run(
      """
      while "$openssl" x509 -in "$1.pem" -noout -checkend 0; do sleep 0.1; done
      """, name)
  }

  /// The options of a server with a certificate.
  public func server(_ name: String = "good") -> [String] {
    ["--tls", "--tls-cert", certificate(name), "--tls-key", key(name)]
  }

  /// The options of a client that trusts the authority.
  public var client: [String] { ["--tls", "--tls-ca", certificate] }

  /// What precedes each script: its messages appear only if it fails.
  private static let preparation = """
    set -e
    openssl=$1
    cd "$2"
    shift 2
    exec 3>&2 2>log
    trap '[ $? = 0 ] || cat log >&3' EXIT

    """

  private static let script = """
    mkdir issued && : > index && echo 01 > serial
    cat > ca.cnf <<END
    [ca]
    default_ca = test
    [test]
    new_certs_dir = issued
    database = index
    serial = serial
    default_md = sha256
    policy = any
    unique_subject = no
    copy_extensions = none
    [any]
    commonName = supplied
    END
    key() { "$openssl" ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
    authority() {  # NAME EXTENSION...
      key "$1"
      "$openssl" req -x509 -new -key "$1.key" -days 30 -subj "/CN=$1" -out "$1.pem" \\
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    }
    certificate() {  # NAME AUTHORITY EXTENSIONS [START END]
      key "$1"
      "$openssl" req -new -key "$1.key" -subj "/CN=${4:-$1}" -out "$1.csr"
      printf '%s\\n' "$3" > "$1.ext"
      "$openssl" ca -batch -config ca.cnf -notext -cert "$2.pem" -keyfile "$2.key" -in "$1.csr" -out "$1.pem" \\
        -extfile "$1.ext" -startdate "${5:-20200101000000Z}" -enddate "${6:-20490101000000Z}"
    }
    authority ca
    authority stranger
    here=subjectAltName=DNS:localhost,IP:127.0.0.1
    certificate good ca "$here"
    certificate capitals ca subjectAltName=DNS:LOCALHOST
    certificate wildcard ca 'subjectAltName=DNS:*.example.org,DNS:*.localdomain'
    certificate other ca subjectAltName=DNS:a.example,DNS:b.example
    certificate address-as-name ca subjectAltName=DNS:127.0.0.1
    certificate nameless ca basicConstraints=CA:FALSE localhost
    certificate expired ca "$here" expired 20200101000000Z 20200201000000Z
    certificate early ca "$here" early 20480101000000Z
    certificate client-only ca "$here
    extendedKeyUsage=clientAuth"
    certificate critical ca "$here
    1.2.3.4=critical,ASN1:UTF8String:unknown"
    certificate must ca "$here
    tlsfeature=status_request"
    certificate responder ca extendedKeyUsage=OCSPSigning
    certificate foreign stranger "$here"
    certificate client ca subjectAltName=DNS:client.example
    certificate middle ca 'basicConstraints=critical,CA:TRUE'
    certificate behind middle "$here"
    cp behind.pem incomplete.pem && cp behind.key incomplete.key
    cat behind.pem middle.pem > chain.pem && cp behind.key chain.key
    certificate narrow ca 'basicConstraints=critical,CA:TRUE
    nameConstraints=critical,permitted;DNS:example.org'
    certificate outside narrow "$here"
    cat outside.pem narrow.pem > constrained.pem && cp outside.key constrained.key
    key self
    "$openssl" req -x509 -new -key self.key -days 30 -subj /CN=self -out self.pem -addext "$here"
    "$openssl" ec -in good.key -aes128 -passout pass:secret -out locked.key
    echo secret > password
    "$openssl" pkcs12 -export -in good.pem -inkey good.key -passout pass:secret -out good.p12
    "$openssl" ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -crldays 30 -out empty.crl
    certificate revoked ca "$here"
    "$openssl" ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke revoked.pem
    "$openssl" ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -crldays 30 -out revoked.crl
    """
}
