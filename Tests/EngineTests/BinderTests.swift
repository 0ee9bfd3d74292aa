// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct BinderTests {
  @Test(arguments: ["*:0", "[::]:0", "[::1]:0"])
  func `with IPv6 only no listener takes IPv4`(place: String) throws {
    var binder = Binder(on: try Endpoint([place]))
    binder.settings.isIPv6Only = true
    let listeners = try binder.listen()
    #expect(listeners.locals.count == 1)
    let socket = try #require(listeners.sockets.first)
    #expect(try SocketOption.ipv6Only.value(on: socket) == 1)
    #expect(
      binder.settings.effectiveForListening(on: socket) == [EffectiveOption("ipv6-only", .flag(true))])
  }

  @Test(arguments: ["*:0", "[::]:0"])
  func `otherwise a listener on every interface takes IPv4 too`(place: String) throws {
    let listeners = try Binder(on: Endpoint([place])).listen()
    let socket = try #require(listeners.sockets.first)
    #expect(try SocketOption.ipv6Only.value(on: socket) == 0)
    #expect(SocketSettings().effectiveForListening(on: socket) == [])
  }

  @Test func `with IPv6 only the loopback is one address`() throws {
    var binder = Binder(on: .internet(host: nil, port: "0"))
    binder.isOnLoopback = true
    #expect(Set(try binder.listen().locals.compactMap(\.ip)) == [.loopbackIPv4, .loopbackIPv6])
    binder.settings.isIPv6Only = true
    #expect(try binder.listen().locals.compactMap(\.ip) == [.loopbackIPv6])
  }

  @Test func `with IPv6 only an address of IPv4 is refused`() throws {
    var binder = Binder(on: try Endpoint(["127.0.0.1:0"]))
    binder.settings.isIPv6Only = true
    #expect(throws: Failure.self) { _ = try binder.listen() }
  }
}
