// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets

/// Which buffers to measure.
package struct BufferInvocation: Sendable {
  /// The transport between the writer and the reader.
  package var transport: LoopbackTransport
  /// The size of the send buffer to request; `nil` for the system's default.
  package var sendBuffer: Int?
  /// The size of the receive buffer to request; `nil` for the system's default.
  package var receiveBuffer: Int?
  /// Whether all sizes up to the system's maximum are measured.
  package var isSweep = false

  /// Creates an invocation with the buffer sizes of the system.
  package init(over transport: LoopbackTransport) { self.transport = transport }
}

/// Measures how much the kernel buffers between a writer and a reader that does not read.
package struct BufferSession {
  private let invocation: BufferInvocation
  private let observer: any SessionObserver

  /// Creates a session.
  package init(_ invocation: BufferInvocation, _ observer: any SessionObserver) {
    self.invocation = invocation
    self.observer = observer
  }

  /// Measures once, or once for each size of a sweep.
  ///
  /// - Parameter output: Receives each measurement as soon as it is made.
  /// - Throws: The failure of the session.
  package func run(output: (BufferMeasurement) -> Void) throws(Failure) {
    var needs = SandboxNeeds()
    (needs.targets, needs.listens) = (.all, .all)
    try Sandbox.begin(needs, observer).report()
    let experiment = try judging { () throws(IOFailure) in try BufferExperiment(over: invocation.transport)
    }
    guard invocation.isSweep else {
      return output(try measure(experiment, invocation.sendBuffer, invocation.receiveBuffer))
    }
    for size in BufferSweep.sizes(upTo: experiment.maximum) { output(try measure(experiment, size, size)) }
  }

  private func measure(
    _ experiment: BufferExperiment, _ sendBuffer: Int?, _ receiveBuffer: Int?
  ) throws(Failure) -> BufferMeasurement {
    var experiment = experiment
    experiment.settings.sendBuffer = sendBuffer
    experiment.settings.receiveBuffer = receiveBuffer
    let measurement = try experiment.run()
    for (name, buffer) in [
      ("send-buffer", measurement.sendBuffer), ("receive-buffer", measurement.receiveBuffer),
    ] where buffer.requested != nil {
      observer.report(.option(EffectiveOption(name, .number(buffer.effective))))
    }
    return measurement
  }
}
