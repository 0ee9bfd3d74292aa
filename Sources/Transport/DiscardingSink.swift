// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A sink for bytes that nobody wants.
package final class DiscardingSink: ByteSink {
  /// Creates a sink.
  package init() {}

  package var medium: DescriptorKind { .opaque }
  package var number: FileDescriptor { FileDescriptor(rawValue: -1) }

  /// Takes everything.
  package func write(_ buffer: Span<UInt8>) -> Transfer { .moved(buffer.count) }
  /// There is no reader.
  package func finish() -> Finish { .done }
  /// A failure that does not occur.
  package func writeError(_ code: Errno) -> SystemError { SystemError(.write("nowhere"), code) }
}
