// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
import Transport

/// The output of a command, as the source of a relay.
///
/// Its end is orderly only if the command exits by itself. So if a command closes all its descriptors, end-of-stream is
/// reported only when the command has ended.
package final class CommandOutput: ByteSource {
  private let command: RunningCommand
  private let stream: FileDescriptor
  private var isHungUp = false
  /// Whether end-of-stream was read after a signal ended the command.
  package private(set) var isCutShort = false

  /// Reads a command's output from our end of its stream, which must not be closed before.
  init(of command: RunningCommand, from stream: FileDescriptor) {
    self.command = command
    self.stream = stream
  }

  package var medium: DescriptorKind { .opaque }
  package var descriptor: FileDescriptor { isHungUp ? command.descriptor : stream }
  package var name: String { "the command" }

  /// Reads available output of the command.
  ///
  /// - Throws: `ECANCELED` instead of end-of-stream if a signal has ended the command.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
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

  private func end() throws(IOFailure) -> Transfer {
    command.collect()
    guard command.ending != nil else {
      isHungUp = try hasHungUp()
      return isHungUp ? .wouldBlock : .endOfStream
    }
    guard !command.endedInOrder else { return .endOfStream }
    isCutShort = true
    throw readError(.canceled)
  }

  /// Whether the other end is closed; otherwise the command has only shut down its output, and may still read.
  private func hasHungUp() throws(IOFailure) -> Bool {
    try stream.wait(for: [], until: .now).contains(.hungUp)
  }

  /// A failure to read the command's output.
  package func readError(_ code: Errno) -> IOFailure { IOFailure(.read(name), code) }
}
