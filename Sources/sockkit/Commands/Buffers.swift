// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// Shows how much the kernel buffers between a writer and a reader that does not read.
struct Buffers: ParsableCommand {
  static let configuration = CommandConfiguration(
    // Named, because ArgumentParser takes its time to derive a name from the type's.
    commandName: "buffers",
    abstract: "Show how much the kernel buffers while nobody reads, and what changes that.",
    usage: "sockkit buffers [--tcp | --unix | --udp] [<options>]",
    discussion: """
      Examples:
        sockkit buffers
        sockkit buffers --unix --send-buffer 64K
        sockkit buffers --sweep --json
      """)

  @OptionGroup(title: "Experiment") var options: ExperimentOptions
  @OptionGroup(title: "Reporting") var reporting: ExperimentReportingOptions

  /// Runs the experiment, once or for every size of a sweep; what goes wrong is thrown as a `Failure`.
  func run() throws {
    let reporter = reporting.configureReporter()
    let experiment = try BufferExperiment(over: options.transport)
    let lines: [String]
    if options.sweep {
      lines =
        BufferTable(
          try BufferSweep.sizes(upTo: experiment.maximum).map {
            try measure(experiment, sendBuffer: $0, receiveBuffer: $0, reporter)
          }
        ).lines
    } else {
      lines =
        BufferLesson(
          try measure(
            experiment, sendBuffer: options.bufferSizes.sendBuffer,
            receiveBuffer: options.bufferSizes.receiveBuffer, reporter)
        ).lines
    }
    if !options.json { StandardOutput.print(lines.joined(separator: "\n")) }
  }

  /// Runs the experiment once, and tells at once what a program or a log wants to know of it.
  private func measure(
    _ experiment: BufferExperiment, sendBuffer: Int?, receiveBuffer: Int?, _ reporter: Reporter
  ) throws(Failure) -> BufferMeasurement {
    var experiment = experiment
    experiment.settings.sendBuffer = sendBuffer
    experiment.settings.receiveBuffer = receiveBuffer
    let measurement = try experiment.run()
    for (name, buffer) in [
      ("send-buffer", measurement.sendBuffer), ("receive-buffer", measurement.receiveBuffer),
    ] where buffer.requested != nil {
      reporter.report(.option(EffectiveOption(name, .number(buffer.effective))))
    }
    if options.json { StandardOutput.print(JSONLine.encode(BufferRecord(measurement))) }
    return measurement
  }
}
