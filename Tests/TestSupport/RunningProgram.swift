// SPDX-License-Identifier: GPL-3.0-or-later

import Dispatch
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A running program, in a session of its own: a test can write to it, wait for it, and send signals to it.
///
/// Every wait is bounded, because the program and the processes that it started are killed when its time is over or
/// when it is no longer referenced, and its end ends every wait.
public final class RunningProgram: Sendable {
  /// The source of standard input.
  public enum Input: Sendable {
    /// A pipe that `send` writes to and `closeInput` closes.
    case pipe
    /// A pipe that contains these bytes and is then closed.
    case bytes([UInt8])
    /// A file, such as `/dev/null`.
    case file(String)
  }

  /// The destination of standard output.
  public enum Output: Sendable {
    /// Into memory.
    case captured
    /// Into a file, which is created or emptied.
    case file(String)
  }

  /// The default time limit of a program.
  public static let limit = 60.0

  private enum Order {
    case write([UInt8])
    case close
    case signal(Int32)
  }

  private struct State {
    var hasEnded = false
    var isOverdue = false
  }

  private let program: Program
  private let output = CapturedStream()
  private let errors = CapturedStream()
  private let started: AsyncStream<Int32>
  private let orders: AsyncStream<Order>.Continuation
  private let task: Task<Finished.Ending, any Error>
  private let state = Mutex(State())

  /// Keeps a program that does not read its input from ending the tests. A handler, unlike `SIG_IGN`, is not inherited
  /// by the programs that are started.
  private static let brokenPipesAreErrors: Void = { _ = Glibc.signal(SIGPIPE) { _ in } }()

  /// Starts a program.
  public init(_ program: Program, input: Input = .pipe, output: Output = .captured, limit: Double = limit) {
    _ = Self.brokenPipesAreErrors
    self.program = program
    let (orderStream, orders) = AsyncStream.makeStream(of: Order.self)
    let (started, startedContinuation) = AsyncStream.makeStream(of: Int32.self)
    self.orders = orders
    self.started = started
    if case .bytes(let bytes) = input {
      orders.yield(.write(bytes))
      orders.yield(.close)
    }
    let work = Work(
      program: program, output: self.output, errors: errors, orders: orderStream, endOrders: orders,
      started: startedContinuation)
    task = Task { try await work.run(input, output) }
    DispatchQueue.global().asyncAfter(deadline: .now() + limit) { [weak self] in self?.stopOverdue() }
  }

  deinit { task.cancel() }

  private func stopOverdue() {
    let isRunning = state.withLock { state in
      state.isOverdue = !state.hasEnded
      return state.isOverdue
    }
    if isRunning { task.cancel() }
  }

  // MARK: While it runs

  /// The process ID.
  public func processIdentifier() async throws -> Int32 {
    for await number in started { return number }
    throw unexpected("did not start")
  }

  /// Queues bytes for standard input; does not wait for the program to read them.
  public func send(_ bytes: [UInt8]) { orders.yield(.write(bytes)) }

  /// Queues text for standard input.
  public func send(_ text: String) { send(Array(text.utf8)) }

  /// Closes standard input once everything queued before has been written.
  public func closeInput() { orders.yield(.close) }

  /// Sends a signal.
  public func signal(_ number: Int32) { orders.yield(.signal(number)) }

  /// Waits for a line that contains a text on standard error: the first, or the second and so on.
  @discardableResult
  public func errorLine(containing text: String, number: Int = 1) async throws -> String {
    guard let line = await errors.line(containing: text, number: number) else {
      throw unexpected("wrote no '\(text)', or not \(number) times")
    }
    return line
  }

  /// Waits for a line that contains a text on standard output.
  @discardableResult
  public func outputLine(containing text: String) async throws -> String {
    guard let line = await output.line(containing: text) else { throw unexpected("wrote no '\(text)'") }
    return line
  }

  /// Waits until standard output has at least a number of bytes.
  public func output(ofAtLeast count: Int) async throws {
    guard await output.wait(until: { $0.count >= count }) else {
      throw unexpected("wrote less than \(count) bytes")
    }
  }

  /// Waits for the end of standard output, even if the program continues.
  public func outputEnd() async { await output.waitForEnd() }

  /// Waits for the port that a `sockkit listen -v` announces, as text or as JSON.
  public func announcedPort(asJSON isJSON: Bool = false) async throws -> UInt16 {
    let line = try await errorLine(containing: isJSON ? #""event":"listening""# : "listening on ")
    let digits =
      isJSON
      ? line.split(separator: #""port":"#).last?.prefix { $0.isNumber }
      : line.dropLast(" (tcp)".count).split(separator: ":").last
    guard let port = digits.flatMap({ UInt16($0) }) else { throw unexpected("announced no port") }
    return port
  }

  /// Waits for the port that a Python script prints.
  public func printedPort() async throws -> UInt16 {
    let line = try await outputLine(containing: "port ")
    guard let port = UInt16(line.dropFirst("port ".count)) else { throw unexpected("printed no port") }
    return port
  }

  /// Closes standard input and waits for the end.
  public func finish() async throws -> Finished {
    closeInput()
    return try await finished()
  }

  /// Waits for the end, without closing standard input.
  public func finished() async throws -> Finished {
    let ending = await task.result
    let isOverdue = state.withLock { state in
      state.hasEnded = true
      return state.isOverdue
    }
    await output.waitForEnd()
    await errors.waitForEnd()
    return picture(of: isOverdue ? .overdue : try ending.get())
  }

  private func picture(of ending: Finished.Ending) -> Finished {
    Finished(
      ending, output: output.bytes, errors: String(decoding: errors.bytes, as: UTF8.self),
      command: program.description)
  }

  private func unexpected(_ what: String) -> Unexpected {
    let isOverdue = state.withLock { $0.isOverdue }
    return Unexpected(
      what: what, output: output.bytes, errors: errors.bytes, isOverdue: isOverdue, program: program)
  }

  /// A program that did not do what a test waited for.
  public struct Unexpected: Error, CustomStringConvertible {
    fileprivate let what: String
    fileprivate let output: [UInt8]
    fileprivate let errors: [UInt8]
    fileprivate let isOverdue: Bool
    fileprivate let program: Program

    /// What the test waited for, and everything the program wrote.
    public var description: String {
      """
      \(program) \(what)\(isOverdue ? " in the time it had" : "")
        output: \(Finished.excerpt(output))
        errors: \(Finished.excerpt(errors))
      """
    }
  }

  // MARK: The work

  /// The part that runs in the task, which must not keep the program itself alive.
  private struct Work: Sendable {
    let program: Program
    let output: CapturedStream
    let errors: CapturedStream
    let orders: AsyncStream<Order>
    let endOrders: AsyncStream<Order>.Continuation
    let started: AsyncStream<Int32>.Continuation

    func run(_ input: Input, _ output: Output) async throws -> Finished.Ending {
      defer {
        started.finish()
        self.output.end()
        errors.end()
      }
      guard case .file(let path) = input else { return try await run(.inputWriter, output) }
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
      return try await run(.fileDescriptor(file, closeAfterSpawningProcess: true), output)
    }

    private func run(_ input: some InputProtocol, _ output: Output) async throws -> Finished.Ending {
      guard case .file(let path) = output else { return try await run(input, SequenceOutput.sequence) }
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
      return try await run(input, FileDescriptorOutput.fileDescriptor(file, closeAfterSpawningProcess: true))
    }

    private func run<In: InputProtocol, Out: OutputProtocol>(
      _ input: In, _ output: Out
    ) async throws -> Finished.Ending {
      var options = PlatformOptions()
      options.createSession = true
      options.teardownSequence = [
        .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
      ]
      let result = try await Subprocess.run(
        .path(FilePath(program.path)), arguments: Arguments(program.arguments),
        environment: .custom(
          Dictionary(uniqueKeysWithValues: Program.environment.map { (.init(stringLiteral: $0), $1) })),
        platformOptions: options, input: input, output: output, error: .sequence
      ) { execution in
        LivePrograms.add(execution.processIdentifier.value)
        started.yield(execution.processIdentifier.value)
        await attend(execution)
        // From here on another process may have this ID.
        LivePrograms.remove(execution.processIdentifier.value)
      }
      switch result.terminationStatus {
      case .exited(let status): return .exit(status)
      case .signaled(let number): return .signal(number)
      }
    }

    /// Collects the output of the program and carries out orders, until both of its streams are closed.
    private func attend<In: InputProtocol, Out: OutputProtocol>(
      _ execution: Execution<In, Out, SequenceOutput>
    ) async {
      await withTaskGroup { group in
        group.addTask { await obey(execution) }
        await withTaskGroup { streams in
          streams.addTask { await collect(execution.standardError, into: errors) }
          guard let captured = execution as? Execution<In, SequenceOutput, SequenceOutput> else { return }
          streams.addTask { await collect(captured.standardOutput, into: output) }
        }
        endOrders.finish()
      }
    }

    private func collect(_ source: SubprocessOutputSequence, into stream: CapturedStream) async {
      // A stream with an error has ended as far as the test is concerned: the bytes before the error count.
      do {
        for try await buffer in source { unsafe stream.append(buffer.withUnsafeBytes { unsafe Array($0) }) }
      } catch {}
      stream.end()
    }

    private func obey<In: InputProtocol, Out: OutputProtocol>(
      _ execution: Execution<In, Out, SequenceOutput>
    ) async {
      let writer = (execution as? Execution<CustomWriteInput, Out, SequenceOutput>)?.standardInputWriter
      for await order in orders {
        // An order that fails because the program has ended is ignored: the test checks how it ended.
        switch order {
        case .write(let bytes): _ = try? await writer?.write(bytes)
        case .close: try? await writer?.finish()
        case .signal(let number): try? execution.send(signal: Signal(rawValue: number))
        }
      }
    }
  }
}

extension RunningProgram {
  /// Ends a program that would serve on, with everything that it has started, and returns what it wrote.
  public func stop() async throws -> Finished {
    signal(9)
    return try await finished()
  }

  /// Starts the `sockkit` that was built.
  public static func sockkit(
    _ arguments: String..., input: Input = .pipe, output: Output = .captured, limit: Double = limit
  ) -> RunningProgram {
    RunningProgram(.sockkit(arguments), input: input, output: output, limit: limit)
  }

  /// Starts the `sockkit` that was built, with a list of arguments.
  public static func sockkit(
    _ arguments: [String], input: Input = .pipe, output: Output = .captured, limit: Double = limit
  ) -> RunningProgram {
    RunningProgram(.sockkit(arguments), input: input, output: output, limit: limit)
  }

  /// Starts a Python script.
  public static func python(_ script: String, _ arguments: String...) throws -> RunningProgram {
    RunningProgram(try .python(script, arguments))
  }
}
