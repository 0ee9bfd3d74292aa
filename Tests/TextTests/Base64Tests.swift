// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Text

struct Base64Tests {
  // The test vectors of RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func `every three bytes are four characters, and the rest is padded`(bytes: String, text: String) {
    #expect(Base64.text(of: Array(bytes.utf8).span) == text)
  }

  @Test func `all digits are used`() {
    let bytes: [UInt8] = [0x00, 0x10, 0x83, 0xFB, 0xFF, 0xBF]
    #expect(Base64.text(of: bytes.span) == "ABCD+/+/")
  }
}
