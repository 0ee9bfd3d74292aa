// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConnectSessionTests {
  private let observer = RecordingObserver()

  /// Runs a session with a server, and returns the outcome and the text that the server has received.
  private func run(
    _ stream: StreamInvocation, with text: String
  ) throws -> (outcome: SessionOutcome, received: String) {
    let server = try OneClientServer(sending: text)
    let outcome = try ConnectSession(DialSettings(to: server.endpoint), stream, observer).run()
    return (outcome, try server.finish())
  }

  @Test func `standard input is sent, and standard output has what arrives`() throws {
    var stream = StreamInvocation()
    stream.reportsStatistics = true
    let files = try StandardFiles(for: &stream, input: "question")
    let (outcome, received) = try run(stream, with: "the answer")
    #expect(outcome == .success)
    #expect(received == "question")
    #expect(try files.written() == "the answer")
    guard observer.events.count == 2, case .connected = observer.events[0],
      case .closed(_, let sent, let got, _, _, _) = observer.events[1]
    else {
      Issue.record("\(observer.events)")
      return
    }
    #expect((sent, got) == (8, 10))
    #expect(observer.statistics.first?.hasPrefix("sent 8 bytes in ") == true)
  }

  @Test func `a record keeps the bytes of both directions, and is refused where it exists`() throws {
    let directory = try TemporaryDirectory()
    var stream = StreamInvocation()
    stream.filters.records.received = directory.file("record")
    _ = try StandardFiles(for: &stream)
    #expect(try run(stream, with: "kept").outcome == .success)
    #expect(try directory.read("record") == Array("kept".utf8))
    let session = ConnectSession(DialSettings(to: .unix("@none")), stream, observer)
    let failure = #expect(throws: Failure.self) { try session.run() }
    #expect(failure?.status == .cannotCreate)
    #expect(failure?.message.contains("--append continues it") == true)
  }

  @Test func `a peer that refuses is unavailable`() throws {
    let session = ConnectSession(
      DialSettings(to: .unix("@sockkit-nobody-listens")), StreamInvocation(), observer)
    let failure = #expect(throws: Failure.self) { try session.run() }
    #expect(failure?.status == .unavailable)
    #expect(failure?.message == "connect to unix:@sockkit-nobody-listens: Connection refused")
    #expect(observer.events.isEmpty)
  }

  @Test func `the end of the time is a failure that names the limit`() throws {
    let listener = try Listener.open(
      on: .abstract(name: "sockkit-silent-\(UInt64.random(in: 0...UInt64.max))"))
    guard case .abstract(let name) = listener.local else { return }
    var stream = StreamInvocation()
    stream.policy.directions = .receiveOnly
    stream.limits.total = .milliseconds(20)
    _ = try StandardFiles(for: &stream)
    let session = ConnectSession(DialSettings(to: .unix("@\(name)")), stream, observer)
    let failure = #expect(throws: Failure.self) { try session.run() }
    #expect(failure?.status == .timedOut)
    #expect(failure?.message.hasSuffix("not finished within the time allowed (--timeout)") == true)
  }

  @Test(arguments: [0, 3] as [CInt])
  func `the status of a command is the outcome`(status: CInt) throws {
    var stream = StreamInvocation()
    stream.command = Command(shell: "cat; exit \(status)")
    let (outcome, received) = try run(stream, with: "to the command and back")
    #expect(outcome == .commandExited(status))
    #expect(received == "to the command and back")
    guard case .commandEnded(_, let ending, _)? = observer.events.last else {
      Issue.record("\(observer.events)")
      return
    }
    #expect(ending == .exited(status))
  }

  @Test func `a command that is not there fails before anything is connected`() throws {
    var stream = StreamInvocation()
    stream.command = Command(["/nowhere/command"])
    let failure = #expect(throws: Failure.self) {
      try ConnectSession(DialSettings(to: .unix("@none")), stream, observer).run()
    }
    #expect(failure?.status == .noCommand)
    #expect(observer.events.isEmpty)
  }
}
