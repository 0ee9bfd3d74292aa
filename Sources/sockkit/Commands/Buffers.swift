// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets

/// Shows how much the kernel buffers between a writer and a reader that does not read.
struct Buffers: Subcommand {
  static let configuration = CommandConfiguration(
    // Named explicitly, because deriving the name from the type costs ArgumentParser time.
    commandName: "buffers",
    abstract: "Show how much the kernel buffers when nothing reads.",
    usage: "sockkit buffers [--tcp | --unix | --udp] [<options>]",
    discussion: """
      Examples:
        sockkit buffers
        sockkit buffers --unix --send-buffer 64K
        sockkit buffers --sweep --json
      """)

  static let mostUsed = [
    "--tcp", "--unix", "--udp", "--sweep", "--send-buffer", "--receive-buffer", "--json", "-v", "--trace",
  ]

  @OptionGroup(title: "Experiment") var options: ExperimentOptions
  @OptionGroup(title: "Reporting") var reporting: ExperimentReportingOptions

  /// Runs the experiment, once or for every size of a sweep; a failure is thrown as a `Failure`.
  func run() throws {
    var invocation = BufferInvocation(over: options.transport)
    invocation.sendBuffer = options.bufferSizes.sendBuffer
    invocation.receiveBuffer = options.bufferSizes.receiveBuffer
    invocation.isSweep = options.sweep
    var measurements: [BufferMeasurement] = []
    try BufferSession(invocation, reporting.configureReporter()).run { measurement in
      measurements.append(measurement)
      if options.json { StandardOutput.print(JSONLine.encode(BufferRecord(measurement))) }
    }
    guard !options.json else { return }
    let lines =
      options.sweep ? BufferTable(measurements).lines : measurements.flatMap { BufferLesson($0).lines }
    StandardOutput.print(lines.joined(separator: "\n"))
  }
}
