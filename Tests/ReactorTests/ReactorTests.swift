// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Testing

/// The order and the safety of a reactor's turns, with a queue and a clock that the test controls.
final class ReactorTests {
  /// Records the events that it is called for, and runs the test's action.
  private final class Handler: ReactorHandler {
    private let journal: Journal
    private let name: String
    var registration: Registration?
    var action: () throws(IOFailure) -> Void = {}

    init(_ name: String, in journal: Journal) {
      self.name = name
      self.journal = journal
      // Weakly: some tests release a handler.
      journal.handlers.append { [weak self] in self }
    }

    func handle(_ event: Reactor.Event) throws(IOFailure) {
      let cause = event.readiness.isEmpty ? "moment" : event.readiness.allowsRead ? "read" : "write"
      journal.lines.append("\(name) \(cause)")
      try action()
    }
  }

  private final class Journal {
    var lines: [String] = []
    var handlers: [() -> Handler?] = []

    /// Releases what its handlers retain. That includes their reactor, which retains them.
    func release() {
      for case let handler? in handlers.map({ $0() }) {
        handler.registration = nil
        handler.action = {}
      }
    }
  }

  private let queue = FakeQueue()
  private let reactor: Reactor
  private let journal = Journal()

  init() { reactor = Reactor(waitingWith: queue) }

  deinit { journal.release() }

  private static let (first, second, third) = (
    FileDescriptor(rawValue: 100), FileDescriptor(rawValue: 101), FileDescriptor(rawValue: 102)
  )

  private func handler(_ name: String) -> Handler { Handler(name, in: journal) }

  private func watch(
    _ descriptor: FileDescriptor, _ name: String, for interest: Readiness? = .readable,
    order: Reactor.Order = .first
  ) throws -> Handler {
    let handler = handler(name)
    handler.registration = try reactor.register(descriptor, for: interest, order: order, handler)
    return handler
  }

  private func timer(_ name: String, at milliseconds: Int) -> Handler {
    let handler = handler(name)
    handler.registration = reactor.timer(handler)
    handler.registration?.wake(at: queue.moment(milliseconds))
    return handler
  }

  @Test func `a turn handles events, moments, what was put off, and last what accepts`() throws {
    let journal = journal
    let acceptor = try watch(Self.first, "acceptor", order: .last)
    let connection = try watch(Self.second, "connection")
    let clock = timer("clock", at: 0)
    reactor.later { journal.lines.append("later") }
    queue.report(Self.first, Self.second)
    try reactor.turn { journal.lines.append("attended") }
    #expect(journal.lines == ["connection read", "clock moment", "later", "attended", "acceptor read"])
    withExtendedLifetime((acceptor, connection, clock)) {}
  }

  @Test func `moments come in order and not too early, and the wait lasts until the first of them`() throws {
    let clocks = [30, 10, 20, 10].enumerated().map { timer("clock\($0)", at: $1) }
    clocks[2].registration?.wake(at: queue.moment(40))
    for _ in 0..<3 { try reactor.turn() }
    #expect(journal.lines.prefix(2).sorted() == ["clock1 moment", "clock3 moment"])
    #expect(journal.lines.dropFirst(2) == ["clock0 moment", "clock2 moment"])
    #expect(queue.waits == [10, 30, 40])
  }

  @Test func `a moment is met once, and not at all where it is taken back or its member released`() throws {
    let kept = timer("kept", at: 10)
    let takenBack = timer("taken back", at: 10)
    let released = timer("released", at: 10)
    takenBack.registration?.wake(at: .never)
    released.registration = nil
    try reactor.turn()
    queue.report()
    try reactor.turn()
    #expect(journal.lines == ["kept moment"] && queue.waits == [10, nil])
    withExtendedLifetime(kept) {}
  }

  @Test func `a handler that asks for this very moment again has it in the next turn`() throws {
    let clock = timer("clock", at: 10)
    clock.action = { [queue] () throws(IOFailure) in clock.registration?.wake(at: queue.moment(10)) }
    try reactor.turn()
    #expect(journal.lines.count == 1)
    try reactor.turn()
    #expect(journal.lines.count == 2)
    clock.action = {}
  }

  @Test func `an event does not reach a member that was released in the same turn, or its successor`() throws
  {
    let leaving = try watch(Self.first, "leaving")
    let connection = try watch(Self.second, "connection")
    var successor: Handler?
    connection.action = { [reactor, journal] () throws(IOFailure) in
      leaving.registration?.closesNext()
      leaving.registration = nil
      // The new member takes the same index, and the same descriptor.
      let handler = Handler("successor", in: journal)
      handler.registration = try reactor.register(Self.first, for: .readable, handler)
      successor = handler
    }
    queue.report(Self.second, Self.first)
    try reactor.turn()
    #expect(journal.lines == ["connection read"])
    queue.report(Self.first)
    try reactor.turn()
    #expect(journal.lines == ["connection read", "successor read"])
    #expect(successor != nil)
  }

  @Test func `a handler that goes away with its registration may release others`() throws {
    let inner = try watch(Self.second, "inner")
    var outer: Registration?
    do {
      let handler = handler("outer")
      handler.registration = inner.registration
      inner.registration = nil
      outer = try reactor.register(Self.first, for: .readable, handler)
    }
    #expect(queue.members.count == 2)
    outer = nil
    #expect(queue.members.isEmpty)
    _ = outer
  }

  @Test func `a change asks the queue only where something changes`() throws {
    let handler = try watch(Self.first, "handler")
    queue.failure = .noMemory
    try handler.registration?.watch(for: .readable)
    #expect(throws: IOFailure(.wait, .noMemory)) { try handler.registration?.watch(for: .writable) }
    #expect(handler.registration?.interest == .readable)
    try handler.registration?.watch(for: .writable)
    #expect(queue.members[Self.first]?.interest == .writable)
    try handler.registration?.pause()
    #expect(queue.members.isEmpty)
    try handler.registration?.watch(for: .writable)
    #expect(queue.members[Self.first]?.interest == .writable)
    handler.registration = nil
    #expect(queue.members.isEmpty)
  }

  @Test func `a member that cannot be watched leaves nothing behind`() throws {
    queue.failure = .noMemory
    #expect(throws: IOFailure(.wait, .noMemory)) { try watch(Self.first, "first") }
    let second = try watch(Self.second, "second")
    queue.report(Self.second)
    try reactor.turn()
    #expect(journal.lines == ["second read"])
    withExtendedLifetime(second) {}
  }

  @Test func `what is always ready is ready in each turn, for what it is watched for`() throws {
    queue.files = [Self.first]
    let file = try watch(Self.first, "file")
    let clock = timer("clock", at: 10)
    try reactor.turn()
    try reactor.turn()
    #expect(journal.lines == ["file read", "file read"] && queue.waits == [0, 0])
    // While it is not watched, because its destination is blocked, it does not cut the waits short.
    try file.registration?.watch(for: [])
    try reactor.turn()
    #expect(journal.lines.last == "clock moment" && queue.waits.last == 10)
    try file.registration?.watch(for: .writable)
    try reactor.turn()
    #expect(journal.lines.last == "file write")
    file.registration = nil
    try reactor.turn()
    #expect(journal.lines.count == 4)
    withExtendedLifetime(clock) {}
  }

  @Test func `what is put off by what was put off waits for the next turn`() throws {
    let (reactor, journal) = (reactor, journal)
    reactor.later {
      journal.lines.append("first")
      reactor.later { journal.lines.append("second") }
    }
    try reactor.turn()
    #expect(journal.lines == ["first"])
    try reactor.turn()
    #expect(journal.lines == ["first", "second"] && queue.waits == [0, 0])
  }

  @Test func `a handler ends the turns, in order or with an error`() throws {
    let reactor = reactor
    let handler = try watch(Self.first, "handler")
    handler.action = { reactor.stop() }
    queue.report(Self.first)
    try reactor.run()
    handler.action = { () throws(IOFailure) in throw IOFailure(.wait, .noMemory) }
    queue.report()
    queue.report(Self.first)
    #expect(throws: IOFailure(.wait, .noMemory)) { try reactor.run() }
    #expect(journal.lines.count == 2)
  }

  @Test func `thousands of moments come in order`() throws {
    let handlers = (0..<2000).map { timer("\($0)", at: ($0 * 7919) % 2003 + 1) }
    for index in stride(from: 0, to: 2000, by: 3) { handlers[index].registration = nil }
    var expected = (0..<2000).filter { $0 % 3 != 0 }.map {
      (moment: ($0 * 7919) % 2003 + 1, name: "\($0) moment")
    }
    expected.sort { $0.moment < $1.moment }
    while journal.lines.count < expected.count { try reactor.turn() }
    #expect(journal.lines == expected.map(\.name))
  }

  @Test func `the kernel waits for sockets and files alike`() throws {
    let reactor = try Reactor()
    let pipe = try FileDescriptor.pipe()
    defer {
      try? pipe.readEnd.close()
      try? pipe.writeEnd.close()
    }
    let file = try unsafe FileDescriptor.open("/dev/null", .readOnly)
    defer { try? file.close() }
    let (reader, constant, clock) = (handler("pipe"), handler("file"), handler("clock"))
    reader.registration = try reactor.register(pipe.readEnd, for: .readable, reader)
    clock.registration = reactor.timer(clock)
    clock.registration?.wake(at: .after(.milliseconds(1)))
    try reactor.turn()
    #expect(journal.lines == ["clock moment"])
    _ = try pipe.writeEnd.writeAll([1])
    try reactor.turn()
    #expect(journal.lines.last == "pipe read")
    constant.registration = try reactor.register(file, for: .readable, constant)
    try reactor.turn()
    #expect(journal.lines.count == 4 && journal.lines.contains("file read"))
    for handler in [reader, constant, clock] { handler.registration = nil }
  }
}
