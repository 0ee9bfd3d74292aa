// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct CommandEnvironmentTests {
  private static let own = PeerProcess(identifier: 7, user: 1, group: 2)
  private static let peer = PeerProcess(identifier: 8, user: 3, group: 4)

  @Test func `TCP is told by our names and by those of UCSPI`() throws {
    let environment = CommandEnvironment(
      local: .internet(try #require(IPAddress("192.0.2.1")), port: 80),
      remote: .internet(try #require(IPAddress("2001:db8::7")), port: 4000), peer: nil, own: Self.own,
      over: .tcp)
    #expect(
      environment.variables == [
        "PROTO": "TCP", "TCPLOCALIP": "192.0.2.1", "TCPLOCALPORT": "80", "TCPREMOTEIP": "2001:db8::7",
        "TCPREMOTEPORT": "4000", "SOCKKIT_PROTO": "TCP", "SOCKKIT_LOCAL_ADDR": "192.0.2.1",
        "SOCKKIT_LOCAL_PORT": "80", "SOCKKIT_REMOTE_ADDR": "2001:db8::7", "SOCKKIT_REMOTE_PORT": "4000",
      ])
  }

  @Test func `of a Unix socket the path and the peer's process are told, as far as they are known`() {
    let environment = CommandEnvironment(
      local: .unix(path: "/run/x"), remote: .unnamed, peer: Self.peer, own: Self.own, over: .unix)
    #expect(
      environment.variables == [
        "PROTO": "UNIX", "UNIXLOCALPATH": "/run/x", "UNIXLOCALPID": "7", "UNIXLOCALUID": "1",
        "UNIXLOCALGID": "2", "UNIXREMOTEPID": "8", "UNIXREMOTEEUID": "3", "UNIXREMOTEEGID": "4",
        "SOCKKIT_PROTO": "UNIX", "SOCKKIT_LOCAL_ADDR": "/run/x",
      ])
    let client = CommandEnvironment(
      local: .unnamed, remote: .abstract(name: "x"), peer: nil, own: Self.own, over: .unix)
    #expect(client.variables["UNIXREMOTEPATH"] == "@x")
    #expect(client.variables["UNIXREMOTEPID"] == nil)
  }

  @Test func `of a virtual machine the identifier and the port are told`() {
    let environment = CommandEnvironment(
      local: .vsock(VsockAddress(VsockAddress.Machine(3), port: 70_000)),
      remote: .vsock(VsockAddress(.host, port: 5)), peer: nil, own: Self.own, over: .vsock)
    #expect(
      environment.variables == [
        "PROTO": "VSOCK", "SOCKKIT_PROTO": "VSOCK", "SOCKKIT_LOCAL_ADDR": "3", "SOCKKIT_LOCAL_PORT": "70000",
        "SOCKKIT_REMOTE_ADDR": "2", "SOCKKIT_REMOTE_PORT": "5",
      ])
  }

  @Test func `the names are a choice, and those of other choices are left alone`() throws {
    let address = try #require(IPAddress("192.0.2.1"))
    let naming = CommandEnvironment.Naming(prefix: "X", includesUCSPI: false)
    let environment = CommandEnvironment(
      local: .internet(address, port: 80), remote: .internet(address, port: 4000), peer: nil, own: Self.own,
      over: .udp, naming: naming)
    #expect(
      environment.variables == [
        "X_PROTO": "UDP", "X_LOCAL_ADDR": "192.0.2.1", "X_LOCAL_PORT": "80", "X_REMOTE_ADDR": "192.0.2.1",
        "X_REMOTE_PORT": "4000",
      ])
    let inherited = ["PROTO=TCP", "X_REMOTE_ADDR=stale"].map { Array($0.utf8) }
    #expect(
      naming.entries(environment.entries, replacing: inherited).map { String(decoding: $0, as: UTF8.self) }
        == [
          "PROTO=TCP", "X_LOCAL_ADDR=192.0.2.1", "X_LOCAL_PORT=80", "X_PROTO=UDP", "X_REMOTE_ADDR=192.0.2.1",
          "X_REMOTE_PORT=4000",
        ])
  }

  @Test func `what is said of another connection is left out, and all else kept byte by byte`() {
    let environment = CommandEnvironment(
      local: .unnamed, remote: .unnamed, peer: nil, own: Self.own, over: .unix)
    let kept: [[UInt8]] = [
      Array("PATH=/bin".utf8), Array("A=PROTO=x".utf8), [66, 61, 0xFF], Array("=".utf8),
    ]
    let stale = ["PROTO=TCP", "TCPREMOTEIP=1.2.3.4", "TCPREMOTEHOST=x", "SOCKKIT_REMOTE_ADDR=1.2.3.4"]
    let entries = CommandEnvironment.Naming.own.entries(
      environment.entries + [Array("LD_PRELOAD=x.so".utf8)], replacing: kept + stale.map { Array($0.utf8) })
    #expect(Array(entries.prefix(4)) == kept)
    #expect(
      entries.dropFirst(4).map { String(decoding: $0, as: UTF8.self) } == [
        "PROTO=UNIX", "SOCKKIT_PROTO=UNIX", "UNIXLOCALGID=2", "UNIXLOCALPID=7", "UNIXLOCALUID=1",
      ])
  }

  @Test func `an empty name is no command`() {
    #expect(Command([]) == nil)
    #expect(Command(["", "x"]) == nil)
    #expect(Command(["x", ""])?.words == ["x", ""])
    #expect(Command(shell: "a | b").words == ["/bin/sh", "-c", "a | b"])
  }

  @Test func `a shell shows how a process ended in one number`() {
    #expect(ProcessEnding.exited(7).shellStatus == 7)
    #expect(ProcessEnding.killed(by: 9).shellStatus == 137)
    #expect("\(ProcessEnding.exited(0)), \(ProcessEnding.killed(by: 1))" == "status 0, signal 1")
  }
}
