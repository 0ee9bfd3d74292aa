// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
import Transport

/// What a command writes, as the source of a relay.
///
/// Its end is an orderly one only if the command exits by itself. So where a command has closed all it had, the end waits
/// for the command's own.
package final class CommandOutput: ByteSource {
  private let command: RunningCommand
  private let stream: FileDescriptor
  private var isHungUp = false
  /// Whether the end was read of a command that a signal has ended.
  package private(set) var isCutShort = false

  /// Reads what a command writes from our end of its stream, which must not be closed before.
  init(of command: RunningCommand, from stream: FileDescriptor) {
    self.command = command
    self.stream = stream
  }

  package var medium: DescriptorKind { .opaque }
  package var number: FileDescriptor { isHungUp ? command.number : stream }
  package var name: String { "the command" }

  /// Reads what the command has written.
  ///
  /// - Throws: `ECANCELED` instead of an end if a signal has ended the command.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(SystemError) -> Transfer
  {
    do {
      let transfer = try Transfer.receive(from: stream, into: &buffer, atMost: limit)
      guard transfer == .endOfStream else { return transfer }
    } catch .connectionReset {
      // A command that has left bytes unread has ended all the same.
    } catch {
      throw readError(error)
    }
    return try end()
  }

  private func end() throws(SystemError) -> Transfer {
    command.collect()
    guard command.ending != nil else {
      isHungUp = try hasHungUp()
      return isHungUp ? .wouldBlock : .endOfStream
    }
    guard !command.endedInOrder else { return .endOfStream }
    isCutShort = true
    throw readError(.canceled)
  }

  /// Whether the other end is closed; otherwise the command has shut down what it writes, and may read on.
  private func hasHungUp() throws(SystemError) -> Bool {
    try stream.wait(for: [], until: .now).contains(.hungUp)
  }

  /// A failure to read what the command writes.
  package func readError(_ code: Errno) -> SystemError { SystemError(.read(name), code) }
}
