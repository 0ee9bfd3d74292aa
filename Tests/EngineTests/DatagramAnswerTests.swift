// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct DatagramAnswerTests {
  private static func question(
    from source: Address = .internet(.ipv4([192, 0, 2, 1]), port: 4000), isToMany: Bool = false
  ) -> Datagram {
    Datagram(
      source: source, destination: .internet(.ipv4([192, 0, 2, 7]), port: 7000), isToMany: isToMany, length: 1
    )
  }

  /// Created anew for each test: the leak checker does not follow references in a global of this type.
  enum Kind: CaseIterable {
    case echo
    case prefixedEcho
    case fixed

    var answer: DatagramAnswer {
      switch self {
      case .echo: .echo(prefix: [])
      case .prefixedEcho: .echo(prefix: [1])
      case .fixed: .fixed([1])
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func `whoever asks is answered`(kind: Kind) {
    #expect(kind.answer.isDue(to: Self.question()))
    #expect(kind.answer.isDue(to: Self.question(from: .unix(path: "/tmp/socket"))))
    #expect(!kind.answer.isDue(to: Self.question(from: .unnamed)))
  }

  @Test(arguments: Kind.allCases, [0, 7, 13, 17, 19] as [UInt16])
  func `a service that answers anything is not answered`(kind: Kind, port: UInt16) {
    #expect(!kind.answer.isDue(to: Self.question(from: .internet(.ipv4([192, 0, 2, 1]), port: port))))
  }

  @Test(arguments: Kind.allCases)
  func `nobody answers himself`(kind: Kind) {
    #expect(!kind.answer.isDue(to: Self.question(from: .internet(.ipv4([192, 0, 2, 7]), port: 7000))))
    #expect(!kind.answer.isDue(to: Self.question(from: .internet(.ipv4([127, 0, 0, 2]), port: 7000))))
    #expect(kind.answer.isDue(to: Self.question(from: .internet(.ipv4([127, 0, 0, 2]), port: 7001))))
    #expect(kind.answer.isDue(to: Self.question(from: .internet(.ipv4([192, 0, 2, 7]), port: 7001))))
    #expect(kind.answer.isDue(to: Self.question(from: .internet(.ipv4([192, 0, 2, 8]), port: 7000))))
  }

  @Test func `what was sent to many is not echoed, though it may be answered`() {
    #expect(!DatagramAnswer.echo(prefix: []).isDue(to: Self.question(isToMany: true)))
    #expect(DatagramAnswer.fixed([1]).isDue(to: Self.question(isToMany: true)))
  }
}
