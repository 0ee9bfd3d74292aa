// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ListenSessionTests {
  private let observer = RecordingObserver()

  private static func endpoint() -> Endpoint { .unix("@sockkit-listen-\(UInt64.random(in: 0...UInt64.max))") }

  @Test func `a listener without a client is late`() throws {
    var invocation = ListenInvocation(on: Self.endpoint(), StreamInvocation())
    invocation.arrivalLimit = .milliseconds(20)
    let failure = #expect(throws: Failure.self) { try ListenSession(invocation, observer).run() }
    #expect(failure?.status == .timedOut)
    #expect(failure?.message.hasSuffix("timed out, no client connected") == true)
    guard observer.events.count == 1, case .listening(_, .unix) = observer.events[0] else {
      Issue.record("\(observer.events)")
      return
    }
  }

  @Test func `one client is served, and the port is announced before it comes`() throws {
    let directory = try TemporaryDirectory()
    var stream = StreamInvocation()
    let files = try StandardFiles(for: &stream, input: "from the listener")
    var invocation = ListenInvocation(on: .internet(host: "127.0.0.1", port: "0"), stream)
    invocation.listening.portFile = directory.file("port")
    invocation.arrivalLimit = .seconds(30)

    var clientStream = StreamInvocation()
    let clientFiles = try StandardFiles(for: &clientStream, input: "from the client")
    let client = Client(clientStream)
    let observer = RecordingObserver { event in
      if case .listening(let local, _) = event { client.start(to: local) }
    }
    #expect(try ListenSession(invocation, observer).run() == .success)
    #expect(try client.outcome() == .success)
    #expect(try files.written() == "from the client")
    #expect(try clientFiles.written() == "from the listener")
    guard observer.events.count == 3, case .listening(let local, .tcp) = observer.events[0],
      case .accepted = observer.events[1], case .closed = observer.events[2]
    else {
      Issue.record("\(observer.events)")
      return
    }
    let port = try #require(local.port)
    #expect(try directory.read("port") == Array("\(port)\n".utf8))
  }

  /// A session that connects, in a thread of its own.
  private final class Client: Sendable {
    private let stream: StreamInvocation
    private let result = Guarded<Result<SessionOutcome, any Error>?>(nil)
    private let end: EventCounter

    init(_ stream: StreamInvocation) {
      self.stream = stream
      guard let end = try? EventCounter() else { preconditionFailure("no descriptor is left") }
      self.end = end
    }

    func start(to address: Address) {
      do {
        try Thread.start { [self] in
          let session = ConnectSession(
            DialSettings(to: .internet(host: "127.0.0.1", port: "\(address.port ?? 0)")), stream,
            RecordingObserver())
          let outcome = Result { try session.run() }
          result.withLock { $0 = outcome }
          end.signal()
        }
      } catch {
        Issue.record(error)
      }
    }

    /// Waits until the session has ended.
    func outcome() throws -> SessionOutcome {
      #expect(try !end.descriptor.wait(for: .readable, until: .after(.seconds(30))).isEmpty)
      return try #require(result.withLock { $0 }).get()
    }
  }
}
