// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CheckSessionTests {
  private static let host = "127.77.1.1"
  private let observer = RecordingObserver()

  private func check(_ ports: [UInt16], on host: String = host) throws -> (
    SessionOutcome, [PortState.Verdict]
  ) {
    var verdicts: [PortState.Verdict] = []
    let target = CheckSession.Target(
      DialSettings(to: .internet(host: host, port: "\(ports[0])")), ports: ports)
    let outcome = try CheckSession(of: [target], within: .seconds(20), observer) {
      verdicts.append($0.verdict)
    }.run()
    return (outcome, verdicts)
  }

  @Test func `all ports open is success, and one closed is not`() throws {
    let listener = try Listener.open(on: .internet(.ipv4([127, 77, 1, 1]), port: 0))
    let open = try #require(listener.local.port)
    let closed = SilentPort(at: [127, 77, 1, 1])
    #expect(try check([open]) == (.success, [.open]))
    #expect(try check([closed.number]) == (.exited(.unavailable), [.closed]))
    let (outcome, verdicts) = try check([open, closed.number].sorted())
    #expect(outcome == .exited(.unavailable))
    #expect(Set(verdicts) == [.open, .closed])
    #expect(observer.events.count { if case .checked = $0 { true } else { false } } == 4)
  }

  @Test func `a host that is unknown is reported once for all of its ports`() throws {
    let (outcome, _) = try check([1, 2, 3], on: "no-such-host.invalid")
    #expect(outcome == .exited(.unavailable))
    #expect(observer.failures.map(\.status) == [.unknownName])
  }
}
