// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A sink that discards its bytes.
package final class DiscardingSink: ByteSink {
  /// Creates a sink.
  package init() {}

  package var medium: DescriptorKind { .opaque }
  package var descriptor: FileDescriptor { FileDescriptor(rawValue: -1) }

  /// Accepts all bytes.
  package func write(_ buffer: Span<UInt8>) -> Transfer { .moved(buffer.count) }
  /// Does nothing: there is no reader.
  package func finish() -> Finish { .done }
  /// A failure that does not occur.
  package func writeError(_ code: Errno) -> IOFailure { IOFailure(.write("nowhere"), code) }
}
