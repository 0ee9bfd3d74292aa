// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import SystemPackage
import Transport

/// How far a transfer has come, shown while it runs: redrawn in place on a terminal, one line a second
/// otherwise.
final class ProgressDisplay: TransferProgress {
  private(set) var nextLook: Deadline
  private let reporter: Reporter
  private let isTerminal: Bool
  private let inputSize: Int?
  private let start = Deadline.now
  private let interval: Duration
  private var last = (moment: Deadline.now, bytes: 0)
  private var rate = 0.0

  /// - Parameter inputSize: The bytes there are to send, where that is known.
  init(_ reporter: Reporter, inputSize: Int?) {
    self.reporter = reporter
    self.inputSize = inputSize
    isTerminal = reporter.mayRedraw
    interval = isTerminal ? .milliseconds(200) : .seconds(1)
    nextLook = start + interval
  }

  /// Shows how far it has come by now.
  func look(sent: TransferCounters, received: TransferCounters) {
    let now = Deadline.now
    nextLook = now + interval
    update(total: measured(sent, received), at: now)
    show(ProgressLine(sent: sent.passed, received: received.passed, size: inputSize, rate: rate))
  }

  /// Shows where it ended, with the average rate.
  func finish(_ report: Relay.Report) {
    let seconds = max(report.duration.seconds, 1e-9)
    let total = Double(measured(report.sent, report.received))
    let line = ProgressLine(
      sent: report.sent.passed, received: report.received.passed, size: inputSize, rate: total / seconds)
    reporter.redraw(nil)
    reporter.note(line.text)
  }

  /// The bytes that the rate is about: those to be sent where their number is known, or else both ways.
  private func measured(_ sent: TransferCounters, _ received: TransferCounters) -> Int {
    inputSize == nil ? sent.passed + received.passed : sent.passed
  }

  /// A rate that follows changes within a few looks and does not jump with each one.
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
