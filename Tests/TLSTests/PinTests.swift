// SPDX-License-Identifier: GPL-3.0-or-later

import TLS
import Testing

struct PinTests {
  private static let base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
  private static let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  @Test func `the form of curl is for a key`() throws {
    let pin = try #require(PublicKeyPin("sha256//" + Self.base64))
    #expect("\(pin)" == "sha256//" + Self.base64)
    #expect(Pin("sha256//" + Self.base64) == .publicKey(pin))
  }

  @Test func `the form of nc is for a certificate, with or without colons, in any case`() throws {
    let fingerprint = try #require(CertificateFingerprint("SHA256:" + Self.hex))
    #expect(fingerprint.text == Self.hex)
    let pairs = stride(from: 0, to: 64, by: 2).map { Self.hex.dropFirst($0).prefix(2).uppercased() }
    #expect(CertificateFingerprint("sha256:" + pairs.joined(separator: ":")) == fingerprint)
    #expect(Pin("SHA256:" + Self.hex) == .certificate(fingerprint))
  }

  @Test(arguments: [
    "", "sha256//", base64, "sha256//" + base64.dropLast(), "sha256//" + base64 + ";",
    "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", "sha256//" + base64.replacing("/", with: "!"),
    "sha1//" + base64, hex, "SHA256:" + hex.dropLast(), "SHA256:" + hex + "00", "SHA256:+" + hex.dropFirst(),
    "SHA512:" + hex,
  ])
  func `anything else is no pin`(text: String) {
    #expect(Pin(text) == nil)
  }
}
