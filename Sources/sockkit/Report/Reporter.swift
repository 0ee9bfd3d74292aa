// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sessions
import Sockets
import Synchronization
import SystemPackage
import Text
import Transport

/// The only writer of standard error: messages for people, one line each, or a log in JSON Lines.
final class Reporter: SessionObserver {
  /// How events are written.
  enum Format: String, CaseIterable {
    /// Text for people.
    case text
    /// JSON Lines for programs.
    case json
  }

  private struct State {
    var isVerbose = false
    var format = Format.text
    var usesColor = false
    var hasStatusLine = false
    var allowance = LogRateLimit()
    var mayLose = false
    var lost = 0
    var aside: (@Sendable (() -> Void) -> Void)?
    var writesStatisticsAsJSON = false
    var style: (any MessageStyle)?
  }

  /// The program's reporter.
  static let current = Reporter()

  private let state = Guarded(State())

  /// Sets what is reported, and how.
  ///
  /// - Parameters:
  ///   - isVerbose: Whether connection events are reported, and not only failures.
  ///   - isTracing: Whether every system call is reported.
  ///   - color: Whether lines for people are coloured.
  func configure(isVerbose: Bool, isTracing: Bool, format: Format, _ color: ColorChoice) {
    let usesColor = color.applies(to: .standardError)
    state.withLock {
      $0.isVerbose = isVerbose || format == .json
      $0.format = format
      $0.usesColor = usesColor
    }
    guard isTracing else { return }
    Trace.send { [unowned self] in report(.called($0)) }
  }

  /// Reports in the words of another program from now on.
  func adopt(_ style: any MessageStyle, isVerbose: Bool) {
    state.withLock {
      $0.style = style
      $0.isVerbose = isVerbose
    }
  }

  /// Drops lines instead of waiting for a reader: a log must not stop a server.
  func mayLose() { state.withLock { $0.mayLose = true } }

  /// Writes every line through a closure that makes room for it on the terminal, instead of directly; `nil` ends that.
  func writeAside(_ aside: (@Sendable (() -> Void) -> Void)?) { state.withLock { $0.aside = aside } }

  private var isTerminal: Bool { DescriptorKind(of: .standardError) == .terminal }

  /// Whether a line can be redrawn in place on standard error.
  var mayRedraw: Bool {
    !isForPrograms && state.withLock { $0.aside == nil } && isTerminal
  }

  /// Writes an event. Without `-v`, only traced calls, trouble and, on a terminal, the addresses of a server are
  /// written, and trouble that remote peers can cause is limited.
  func report(_ event: Event) {
    let (isVerbose, format, style) = state.withLock { ($0.isVerbose, $0.format, $0.style) }
    if let style { return report(event, in: style) }
    switch event {
    case .called where format == .text:
      write(TerminalSafe.escape(event.text))
      return
    // The failure itself is reported by another event.
    case .securingFailed where format == .text: return
    case .called: break
    default:
      guard isVerbose || event.isTrouble || event.isForTerminals && isTerminal else { return }
      guard isVerbose || !event.isCausedByStrangers || isAllowed() else { return }
    }
    write(format == .json ? JSONLine.encode(event.record) : line(of: event))
  }

  private func report(_ event: Event, in style: any MessageStyle) {
    let lines = style.lines(for: event) ?? (event.isTrouble ? ["\(style.program): \(event.text)"] : [])
    if !lines.isEmpty { write(lines.map { TerminalSafe.escape($0) }.joined(separator: "\n")) }
  }

  private func line(of event: Event) -> String {
    let text = TerminalSafe.escape(event.text)
    guard let color = event.color, usesColor else { return "sockkit: \(text)" }
    guard case .checked = event else { return "\(color.applied(to: "sockkit:")) \(text)" }
    return "sockkit: \(color.applied(to: text))"
  }

  private var usesColor: Bool { state.withLock { $0.usesColor } }

  /// Ends the line on which the terminal has echoed ^C, because the next prompt would follow on the same line.
  func stopping(because signal: CInt) {
    if signal == SIGINT, isTerminal, !isForPrograms { write("") }
  }

  private func isAllowed() -> Bool {
    guard case .shown(let missed) = state.withLock({ $0.allowance.take() }) else { return false }
    if missed > 0 { note("\(missed) more messages of this kind were not shown; -v shows all") }
    return true
  }

  /// Whether connection events are reported.
  var isVerbose: Bool { state.withLock { $0.isVerbose } }

  /// Whether standard error is a log for programs, in JSON Lines.
  var isForPrograms: Bool { state.withLock { $0.format } == .json }

  /// Writes a line for people that is not an event of a connection, such as a statistic.
  func note(_ text: String) {
    // The other program has no such lines.
    guard state.withLock({ $0.style == nil }) else { return }
    guard isForPrograms else { return write("sockkit: \(TerminalSafe.escape(text))") }
    var record = EventRecord(event: "note")
    record.message = text
    write(record: record)
  }

  /// Writes a line for people that is omitted from a log for programs.
  func advise(_ text: String) {
    if !isForPrograms { note(text) }
  }

  /// Writes lines that are not messages and have no prefix; in a log for programs each is a note.
  func dump(_ lines: [String]) {
    guard !isForPrograms else { return lines.forEach(note) }
    write(lines.joined(separator: "\n"))
  }

  /// Writes lines of a dump of one direction, which has its own colour.
  func dump(_ lines: [String], _ direction: TrafficDirection) {
    let color: TextColor = direction == .sent ? .green : .cyan
    dump(usesColor && !isForPrograms ? lines.map(color.applied(to:)) : lines)
  }

  /// Whether statistics are written as records for programs.
  var writesStatisticsAsJSON: Bool {
    get { state.withLock { $0.writesStatisticsAsJSON } }
    set { state.withLock { $0.writesStatisticsAsJSON = newValue } }
  }

  /// Writes statistics.
  func report(_ statistics: any Statistics) {
    if writesStatisticsAsJSON { write(record: statistics) } else { statistics.lines.forEach(note) }
  }

  /// Creates a display of the progress of a transfer.
  func makeProgress(inputSize: Int?) -> any TransferProgress { ProgressDisplay(self, inputSize: inputSize) }

  /// Writes a record for programs.
  func write(record: some Encodable) { write(JSONLine.encode(record)) }

  /// Replaces the line that is redrawn in place on a terminal; `nil` removes it.
  ///
  /// - Parameter status: Returns the line for a number of columns. A line wider than the terminal would take several
  ///   rows, of which only the last is replaced.
  func redraw(_ status: ((_ columns: Int) -> String)?) {
    state.withLock { state in
      guard status != nil || state.hasStatusLine else { return }
      let prefix = "sockkit: "
      // After the last column some terminals begin another row. The width is read each time, because it changes.
      let columns = (TerminalSize.columns(of: .standardError) ?? Self.usualColumns) - 1
      let line = status.map { (prefix + $0(columns - prefix.count)).prefix(columns) }
      Self.put("\r\u{1B}[K" + (line ?? ""))
      state.hasStatusLine = status != nil
    }
  }

  /// The assumed width of a terminal that does not report its own.
  private static let usualColumns = 80

  private func write(_ line: String) {
    state.withLock { state in
      if state.mayLose { return Self.offer(line, &state) }
      let text = (state.hasStatusLine ? "\r\u{1B}[K" : "") + line + "\n"
      if let aside = state.aside { aside { Self.put(text) } } else { Self.put(text) }
      state.hasStatusLine = false
    }
  }

  /// Ignores a failure: there is no other place to report that standard error cannot be written.
  private static func put(_ text: String) {
    ProcessSignals.interruptibly(writingTo: .standardError) {
      _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
  }

  /// Writes a line if it is read in time, and counts lines that are lost.
  private static func offer(_ line: String, _ state: inout State) {
    var text = line + "\n"
    if state.lost > 0 { text = lossNotice(state.lost, state.format) + "\n" + text }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      guard FileDescriptor.standardError.takesBytes(within: state.lost > 0 ? .zero : patience) else {
        state.lost += 1
        return
      }
      let piece = rest.prefix(pipeBuffer)
      _ = try? FileDescriptor.standardError.writeAll(piece)
      rest = rest.dropFirst(piece.count)
    }
    state.lost = 0
  }

  private static func lossNotice(_ count: Int, _ format: Format) -> String {
    let notice =
      "\(count == 1 ? "1 line is" : "\(count) lines are") missing here, because standard error was not read"
    guard format == .json else { return "sockkit: \(notice)" }
    var record = EventRecord(event: "note")
    record.message = notice
    return JSONLine.encode(record)
  }

  /// The time that a reader of the log has. After that, nothing waits until the log is read again.
  private static let patience = Duration.seconds(1)

  /// The number of bytes that a writable pipe takes at once: `PIPE_BUF`.
  private static let pipeBuffer = 4096
}
