// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Sockets
import Testing

/// The header of the PROXY protocol, however its bytes are split.
struct ProxyHeaderTests {
  private static func address(_ host: String, _ port: UInt16) -> Address {
    .internet(IPAddress(host) ?? .anyIPv4, port: port)
  }

  private static let ipv4 = ProxyHeader(
    ProxyHeader.Ends(from: address("192.0.2.1", 1234), to: address("198.51.100.2", 80)))
  /// Created anew for each use: the leak checker does not follow references in a global of this type.
  private static var ipv6: ProxyHeader {
    ProxyHeader(ProxyHeader.Ends(from: address("2001:db8::1", 65535), to: address("2001:db8::2", 0)))
  }
  private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10] + Array("QUIT\n".utf8)

  private static func reader(denying denied: Address? = nil) -> ProxyHeaderReader {
    ProxyHeaderReader(from: address("127.0.0.1", 9)) { $0 != denied }
  }

  private static func failed(_ reason: IOFailure.Reason) -> HandshakeRun.End {
    .failed(IOFailure(.readHeader(from: "127.0.0.1:9"), reason))
  }

  /// What a header reads as, if it is the same for all ways to split it.
  private func read(
    _ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ProxyHeader? {
    let payload = Array("payload".utf8)
    for run in HandshakeRun.all(Self.reader(), bytes + payload) {
      #expect(run.end == .complete(payload: payload) && run.sent.isEmpty, sourceLocation: sourceLocation)
    }
    for count in bytes.indices {
      #expect(
        HandshakeRun(Self.reader(), Array(bytes[..<count])).end == .incomplete, sourceLocation: sourceLocation
      )
    }
    var (reader, output) = (Self.reader(), [UInt8]())
    _ = try reader.step(bytes.span, &output)
    return reader.header
  }

  @Test func `version 1 is a line`() throws {
    #expect(Self.ipv4.bytes(.one) == Array("PROXY TCP4 192.0.2.1 198.51.100.2 1234 80\r\n".utf8))
    #expect(Self.ipv6.bytes(.one) == Array("PROXY TCP6 2001:db8::1 2001:db8::2 65535 0\r\n".utf8))
    #expect(ProxyHeader(nil).bytes(.one) == Array("PROXY UNKNOWN\r\n".utf8))
    let mixed = ProxyHeader(
      ProxyHeader.Ends(from: Self.address("::ffff:192.0.2.1", 1), to: Self.address("::1", 2)))
    #expect(mixed.bytes(.one) == Array("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n".utf8))
    let unix = ProxyHeader(ProxyHeader.Ends(from: .unnamed, to: .unnamed))
    #expect(unix.bytes(.one) == Array("PROXY UNKNOWN\r\n".utf8))
  }

  @Test func `version 2 has a signature, addresses, values and a checksum`() {
    let bytes = Self.ipv4.bytes(.two)
    let expected: [UInt8] =
      Self.signature + [0x21, 0x11, 0, 19, 192, 0, 2, 1, 198, 51, 100, 2, 4, 210, 0, 80, 3, 0, 4]
    // The checksum is that of another implementation.
    #expect(bytes == expected + [0x71, 0x79, 0x59, 0xB1])
    #expect(Array(ProxyHeader(nil).bytes(.two).prefix(16)) == Self.signature + [0x20, 0, 0, 7])
  }

  @Test(arguments: ProxyHeader.Version.allCases)
  func `what is written is read`(version: ProxyHeader.Version) throws {
    for header in [Self.ipv4, Self.ipv6] { #expect(try read(header.bytes(version))?.ends == header.ends) }
    let unknown = try read(ProxyHeader(nil).bytes(version))
    #expect(unknown != nil && unknown?.ends == nil)
  }

  @Test func `the values of version 2 are read`() throws {
    var header = Self.ipv6
    header.values = [
      ProxyHeaderValue(.alpn, Array("h2".utf8)), ProxyHeaderValue(.padding, [0, 0]),
      .tls(isVerified: true, hasCertificate: true, version: "TLSv1.3", cipher: "X", commonName: "me"),
    ]
    let read = try #require(try read(header.bytes(.two)))
    #expect(Array(read.values.prefix(3)) == header.values)
    #expect(
      read.values[2].inner == [
        ProxyHeaderValue(.tlsVersion, Array("TLSv1.3".utf8)), ProxyHeaderValue(.cipher, Array("X".utf8)),
        ProxyHeaderValue(.commonName, Array("me".utf8)),
      ])
    #expect(read.values[2].value.prefix(5) == [7, 0, 0, 0, 0])
  }

  @Test func `a wrong checksum is noticed`() throws {
    var bytes = Self.ipv4.bytes(.two)
    bytes[16] ^= 1
    for run in HandshakeRun.all(Self.reader(), bytes) {
      #expect(run.end == Self.failed(.peerProtocol("the checksum is wrong")))
    }
  }

  @Test func `unknown lines, Unix sockets and headers without checksum are read`() throws {
    #expect(try read(Array("PROXY UNKNOWN ff:: ff:: 1 2 and more\r\n".utf8))?.ends == nil)
    let unix = Self.signature + [0x21, 0x31, 0, 216] + [UInt8](repeating: 7, count: 216)
    #expect(try read(unix) == ProxyHeader(nil))
    let local = Self.signature + [0x20, 0x11, 0, 12] + [UInt8](repeating: 7, count: 12)
    #expect(try read(local) == ProxyHeader(nil))
    #expect(try read(Self.signature + [0x21, 0, 0, 3, 9, 9, 9]) == ProxyHeader(nil))
    let longest = Self.signature + [0x21, 0, 0x0F, 0xF0] + [UInt8](repeating: 9, count: 0xFF0)
    var reader = Self.reader()
    var output: [UInt8] = []
    #expect(try reader.step(longest.span, &output) == .complete(taken: longest.count))
  }

  @Test(arguments: [
    ("GET / HTTP/1.0\r\n", "the connection does not begin with it"),
    ("PROXX TCP4", "the connection does not begin with it"),
    ("\r\n\r\nQUIT", "the connection does not begin with it"),
    ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "the line does not end with CR and LF"),
    ("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", "the line is not that of a connection"),
    ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", "the line is not that of a connection"),
    ("PROXY TCP4 ::1 ::1 1 2\r\n", "the line is not that of a connection"),
    ("PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", "the line is not that of a connection"),
    ("PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", "the line is not that of a connection"),
    ("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n", "the line is not that of a connection"),
    ("PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", "the line is not that of a connection"),
    ("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", "the line is not that of a connection"),
    ("PROXY \(String(repeating: "x", count: 101))\r\n", "the line is longer than 107 bytes"),
  ])
  func `anything else is refused`(text: String, reason: String) {
    let runs = HandshakeRun.all(Self.reader(), Array(text.utf8))
    for run in runs { #expect(run.end == Self.failed(.peerProtocol(reason))) }
  }

  @Test(arguments: [
    ([0x11, 0x11, 0, 12], "the version or the command is unknown"),
    ([0x22, 0x11, 0, 12], "the version or the command is unknown"),
    ([0x21, 0x41, 0, 12], "the family or the protocol is unknown"),
    ([0x21, 0x11, 0, 11], "the addresses are incomplete"),
    ([0x21, 0x21, 0, 12], "the addresses are incomplete"),
    ([0x21, 0x11, 0, 14], "the values are malformed"),
    ([0x21, 0x11, 0x0F, 0xF1], "it is longer than 4 KiB"),
  ])
  func `a malformed header of version 2 is refused`(head: [UInt8], reason: String) {
    let count = min(20, Int(head[2]) << 8 | Int(head[3]))
    let bytes = Self.signature + head + [UInt8](repeating: 1, count: count)
    for run in HandshakeRun.all(Self.reader(), bytes) {
      #expect(run.end == Self.failed(.peerProtocol(reason)))
    }
  }

  @Test func `a client that is denied is refused`() {
    let client = Self.address("192.0.2.1", 1234)
    for version in ProxyHeader.Version.allCases {
      for run in HandshakeRun.all(Self.reader(denying: client), Self.ipv4.bytes(version)) {
        #expect(run.end == Self.failed(.untrusted("the client 192.0.2.1:1234 is denied")))
      }
    }
  }
}
