// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import SystemPackage
import Testing

struct OutageTests {
  private static let start = Deadline.now
  private static let (near, far, file) = (
    Address.internet(.ipv4([127, 0, 0, 1]), port: 9), Address.internet(.ipv4([192, 0, 2, 1]), port: 9),
    Address.unix(path: "/run/none")
  )

  private static func refusal(by address: Address) -> IOFailure {
    IOFailure(.sendDatagram(to: address), .connectionRefused)
  }

  private static func moment(_ seconds: Double) -> Deadline { start + .seconds(seconds) }

  private static func outage(of address: Address) -> Outage {
    var outage = Outage()
    #expect(outage.meet(refusal(by: address), at: start) == true)
    return outage
  }

  @Test(arguments: [near, far, file])
  func `an outage begins once, and lasts until something is sent`(address: Address) {
    var outage = Self.outage(of: address)
    #expect(outage.meet(Self.refusal(by: address), at: Self.moment(1)) == false)
    #expect(outage.end == .never)
    #expect(outage.finish(at: Self.moment(1000)) == nil)
    #expect(outage.error == Self.refusal(by: address))
  }

  @Test func `without an outage nothing ends`() {
    var outage = Outage()
    outage.sent(at: Self.start)
    #expect(outage.end == .never && outage.error == nil)
    #expect(outage.finish(at: Self.start, isAnswered: true) == nil)
  }

  @Test func `a Unix socket that takes a datagram is there again`() {
    var outage = Self.outage(of: Self.file)
    outage.sent(at: Self.start)
    #expect(outage.finish(at: Self.start) == Self.refusal(by: Self.file))
    #expect(outage.error == nil && outage.end == .never)
    #expect(outage.meet(Self.refusal(by: Self.file), at: Self.start) == true)
  }

  @Test func `on this machine a refusal comes at once or not at all`() {
    var outage = Self.outage(of: Self.near)
    outage.sent(at: Self.start)
    #expect(outage.finish(at: Self.start) == nil)
    _ = outage.meet(Self.refusal(by: Self.near), at: Self.start)
    #expect(outage.end == .never)
    outage.sent(at: Self.moment(5))
    #expect(outage.finish(at: Self.moment(5.05)) == nil)
    #expect(outage.finish(at: Self.moment(5.2)) == Self.refusal(by: Self.near))
  }

  @Test func `over a network what is sent soon after a refusal proves nothing`() {
    var outage = Self.outage(of: Self.far)
    outage.sent(at: Self.moment(1.9))
    #expect(outage.end == .never)
    outage.sent(at: Self.moment(2))
    // Later datagrams do not postpone the end.
    outage.sent(at: Self.moment(3))
    #expect(outage.finish(at: Self.moment(3.9)) == nil)
    #expect(outage.finish(at: Self.moment(4.1)) == Self.refusal(by: Self.far))
  }

  @Test func `a reply ends it`() {
    var outage = Self.outage(of: Self.far)
    #expect(outage.finish(at: Self.start, isAnswered: true) == Self.refusal(by: Self.far))
  }
}
