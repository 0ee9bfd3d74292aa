// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Transport

extension StreamSession {
  /// Relays with calls that block, until both streams have ended. A signal ends the program at once.
  ///
  /// - Throws: The failure of the session.
  func runBlocking(_ socket: consuming StreamSocket) throws(Failure) -> SessionOutcome {
    reportOptions(of: socket.descriptor)
    let remote = socket.remote
    let input = StandardStream(.input, at: invocation.input)
    let output = StandardStream(.output, at: invocation.output)
    let report: Relay.Report
    do throws(IOFailure) {
      let ends = try LocalEnds(
        invocation.interaction, input: input, output: output, readsInput: true, observer: observer)
      report = try BlockingRelay(socket, input: invocation.input).run(output: ends.output)
    } catch {
      throw Failure(error)
    }
    observer.report(
      .closed(
        peer: remote, sent: report.sent.passed, received: report.received.passed, duration: report.duration))
    if let outcome = try outcome(of: report.outcome, peer: remote) { return outcome }
    try judging { () throws(IOFailure) in if output.medium != .terminal { try output.close() } }
    return .success
  }
}
