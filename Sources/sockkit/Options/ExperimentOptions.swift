// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets

/// The settings of a buffer experiment, and the format of its results.
struct ExperimentOptions: ParsableArguments {
  @Flag(help: "Use a TCP connection over loopback; the default.")
  var tcp = false

  @Flag(help: "Use a connection of Unix stream sockets.")
  var unix = false

  @Flag(help: "Use UDP datagrams over loopback.")
  var udp = false

  @OptionGroup var bufferSizes: BufferSizeOptions

  @Flag(
    help: ArgumentHelp(
      "Show a table with all sizes.",
      discussion: "It asks for 4K, 8K and so on up to the system's maximum, and draws a bar chart."))
  var sweep = false

  @Flag(help: "Write one JSON object for each experiment.")
  var json = false

  /// Rejects options that exclude each other.
  func validate() throws {
    let transports = [(tcp, "--tcp"), (unix, "--unix"), (udp, "--udp")].filter(\.0).map(\.1)
    if transports.count > 1 {
      throw ValidationError("\(transports[0]) and \(transports[1]) exclude each other")
    }
    let sizes = [
      (bufferSizes.sendBuffer, "--send-buffer"), (bufferSizes.receiveBuffer, "--receive-buffer"),
    ].filter { $0.0 != nil }
    if sweep, let size = sizes.first?.1 {
      throw ValidationError("--sweep chooses the sizes itself: it excludes \(size)")
    }
  }

  /// The transport of the experiment.
  var transport: LoopbackTransport { unix ? .unix : udp ? .udp : .tcp }
}
