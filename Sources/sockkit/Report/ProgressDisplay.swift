// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import SystemPackage
import Transport

/// The progress of a transfer, shown while it runs: redrawn in place on a terminal, otherwise one line per second.
final class ProgressDisplay: TransferProgress {
  private(set) var nextLook: Deadline
  private let reporter: Reporter
  private let isTerminal: Bool
  private let inputSize: Int?
  private let start = Deadline.now
  private let interval: Duration
  private var last = (moment: Deadline.now, bytes: 0)
  private var rate = 0.0

  /// Creates the display.
  ///
  /// - Parameter inputSize: The number of bytes to send, if it is known.
  init(_ reporter: Reporter, inputSize: Int?) {
    self.reporter = reporter
    self.inputSize = inputSize
    isTerminal = reporter.mayRedraw
    interval = isTerminal ? .milliseconds(200) : .seconds(1)
    nextLook = start + interval
  }

  /// Shows the current progress.
  func look(sent: TransferCounters, received: TransferCounters) {
    let now = Deadline.now
    nextLook = now + interval
    update(total: measured(sent, received), at: now)
    show(ProgressLine(sent: sent.passed, received: received.passed, size: inputSize, rate: rate))
  }

  /// Shows the final progress, with the average rate.
  func finish(_ report: Relay.Report) {
    let seconds = max(report.duration.seconds, 1e-9)
    let total = Double(measured(report.sent, report.received))
    let line = ProgressLine(
      sent: report.sent.passed, received: report.received.passed, size: inputSize, rate: total / seconds)
    reporter.redraw(nil)
    reporter.note(line.text)
  }

  /// The bytes that the rate counts: those sent if their total is known, otherwise those of both directions.
  private func measured(_ sent: TransferCounters, _ received: TransferCounters) -> Int {
    inputSize == nil ? sent.passed + received.passed : sent.passed
  }

  /// Updates the rate, which follows changes within a few looks and does not jump with each one.
  private func update(total: Int, at now: Deadline) {
    let seconds = max(last.moment.duration(until: now).seconds, 1e-9)
    let current = Double(total - last.bytes) / seconds
    rate = last.bytes == 0 ? current : rate * 0.7 + current * 0.3
    last = (now, total)
  }

  private func show(_ line: ProgressLine) {
    if isTerminal { reporter.redraw { line.text(within: $0) } } else { reporter.note(line.text) }
  }
}
