// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct InternationalNameTests {
  @Test(arguments: [
    ("example.org", "example.org"), ("", ""), ("a b", "a b"), ("bücher.example", "xn--bcher-kva.example"),
    ("BÜCHER.example", "xn--bcher-kva.example"), ("faß.de", "xn--fa-hia.de"),
    ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
  ])
  func `a name is what DNS knows it by`(_ name: String, _ encoded: String) throws {
    #expect(try InternationalName.encode(name) == encoded)
  }

  @Test func `a name that breaks the rules is refused with the reason`() {
    let name = String(repeating: "ü", count: 64)
    let failure = #expect(throws: LookupFailure.self) { try InternationalName.encode(name) }
    #expect(failure?.verdict == .hostNotFound)
    #expect(failure?.message.hasPrefix("not a valid international name: ") == true)
    #expect(throws: ResolutionError.self) { try Resolver().addresses(ofHost: name, port: 1) }
  }
}
