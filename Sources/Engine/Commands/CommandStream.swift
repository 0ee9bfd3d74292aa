// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
package import Transport

/// A command whose bytes pass through a relay: its standard input, as the sink of the relay, and its end.
///
/// Bytes that a command does not read are discarded, so that a command that stops reading can still write all its
/// output.
package final class CommandStream: ByteSink {
  /// The command.
  package let command: RunningCommand
  /// The output of the command.
  package let output: CommandOutput
  private var pair: SocketPair
  private var isRefusing = false
  /// The times at which the wait for the peer ends, and the bytes received by the last check; set once the command has
  /// ended.
  private var linger: (end: Deadline, silenceEnd: Deadline, received: Int)?

  /// Starts a command for the connection that an environment describes.
  ///
  /// - Parameter isHeard: Whether the peer receives the command's output; otherwise it is discarded.
  package init(
    _ terms: CommandSettings, for environment: CommandEnvironment, isHeard: Bool
  ) throws(IOFailure) {
    pair = try SocketPair()
    command = try terms.start(with: environment, on: pair.far, isHeard: isHeard)
    pair.closeFar()
    output = CommandOutput(of: command, from: pair.near)
  }

  package var medium: DescriptorKind { .opaque }
  package var descriptor: FileDescriptor { pair.near }
  package var name: String { "the command" }

  /// Writes as many bytes as fit, or discards them once the command no longer reads.
  package func write(_ buffer: Span<UInt8>) throws(IOFailure) -> Transfer {
    guard !isRefusing else { return .moved(buffer.count) }
    do {
      return try .send(to: descriptor, from: buffer)
    } catch .brokenPipe, .connectionReset {
      isRefusing = true
      return .moved(buffer.count)
    } catch {
      throw writeError(error)
    }
  }

  /// Closes the command's standard input.
  @discardableResult
  package func finish() -> Finish {
    pair.finishSending()
    return .done
  }
  /// Shuts down its standard input and its standard output, whichever processes still hold them.
  package func close() { pair.finish() }
  /// A failure to write the command's input.
  package func writeError(_ code: Errno) -> IOFailure { IOFailure(.write(name), code) }
}

extension CommandStream: CompletionSource {
  package var wakeup: FileDescriptor? { command.ending == nil ? command.descriptor : nil }
  package var nextLook: Deadline { linger?.silenceEnd ?? .never }

  /// Handles the end of the command, which ends the connection: in order, as without a relay.
  package func attend(received: TransferCounters) -> Bool {
    command.collect()
    guard command.ending != nil else { return false }
    let now = Deadline.now
    guard let before = linger else {
      close()
      linger = (
        now + CommandConnection.closingTime.total, now + CommandConnection.closingTime.silence, received.taken
      )
      return false
    }
    guard before.silenceEnd <= now else { return false }
    let isSilent = received.taken == before.received || before.end <= now
    linger = (before.end, isSilent ? .never : now + CommandConnection.closingTime.silence, received.taken)
    return isSilent
  }
}
