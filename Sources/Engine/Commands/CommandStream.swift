// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
package import Transport

/// A command whose bytes are looked at on their way: its standard input, as the sink of a relay, and its end.
///
/// What a command does not read is discarded, so that one that has seen enough can still say all it has to say.
package final class CommandStream: ByteSink {
  /// The command.
  package let command: RunningCommand
  /// What it writes.
  package let output: CommandOutput
  private var pair: SocketPair
  private var isRefusing = false
  /// Since when the command has ended, and what had been received when the peer was last looked at.
  private var linger: (end: Deadline, silenceEnd: Deadline, received: Int)?

  /// Starts a command for a connection.
  ///
  /// - Parameter isHeard: Whether the peer is to get what the command writes, which goes nowhere otherwise.
  package init(
    _ terms: CommandSettings, for socket: borrowing StreamSocket, isHeard: Bool
  ) throws(SystemError) {
    pair = try SocketPair()
    command = try terms.start(for: socket, on: pair.far, isHeard: isHeard)
    pair.closeFar()
    output = CommandOutput(of: command, from: pair.near)
  }

  package var medium: DescriptorKind { .opaque }
  package var number: FileDescriptor { pair.near }
  package var name: String { "the command" }

  /// Writes what fits, for the command to read, or nowhere once it reads no more.
  package func write(_ buffer: Span<UInt8>) throws(SystemError) -> Transfer {
    guard !isRefusing else { return .moved(buffer.count) }
    do {
      return try .send(to: number, from: buffer)
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
  /// Closes both its standard input and its standard output, whoever it has left holding them.
  package func close() { pair.finish() }
  /// A failure to write what the command reads.
  package func writeError(_ code: Errno) -> SystemError { SystemError(.write(name), code) }
}

extension CommandStream: CompletionSource {
  package var wakeup: FileDescriptor? { command.ending == nil ? command.number : nil }
  package var nextLook: Deadline { linger?.silenceEnd ?? .never }

  /// Notices that the command has ended, which ends the connection: in order, as without a relay.
  package func attend(received: TransferCounters) -> Bool {
    command.collect()
    guard command.ending != nil else { return false }
    let now = Deadline.now
    guard let before = linger else {
      close()
      linger = (now + LingeringClose.limit, now + LingeringClose.silence, received.taken)
      return false
    }
    guard before.silenceEnd <= now else { return false }
    let isSilent = received.taken == before.received || before.end <= now
    linger = (before.end, isSilent ? .never : now + LingeringClose.silence, received.taken)
    return isSilent
  }
}
