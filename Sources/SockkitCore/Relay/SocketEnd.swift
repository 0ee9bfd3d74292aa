// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A plain stream socket as the far side of a relay.
package final class SocketEnd: StreamEnd {
  private let socket: StreamSocket

  /// Takes over a connected socket.
  package init(_ socket: consuming StreamSocket) { self.socket = socket }

  package var medium: Medium { .socket }
  package var number: FileDescriptor { socket.number }
  package var name: String { "\(socket.remote)" }

  package func read(into buffer: inout MutableSpan<UInt8>) throws(SystemError) -> Transfer {
    do { return try .receive(from: number, into: &buffer) } catch { throw readError(error) }
  }

  package func write(_ buffer: Span<UInt8>) throws(SystemError) -> Transfer {
    do { return try .send(to: number, from: buffer) } catch { throw writeError(error) }
  }

  package func readError(_ code: Errno) -> SystemError { SystemError(.receive(from: name), code) }
  package func writeError(_ code: Errno) -> SystemError { SystemError(.send(to: name), code) }
  package func finish() throws(SystemError) { try socket.shutdownSending() }
  package func unacknowledgedBytes() throws(SystemError) -> Int { try socket.unacknowledgedBytes() }
  package func probePeer() throws(SystemError) { try socket.probePeer() }
  package func takeError() throws(SystemError) -> Errno? { try socket.takeError() }
}

/// A sink for bytes that nobody wants.
package final class DiscardingSink: ByteSink {
  package init() {}

  package var medium: Medium { .opaque }
  package var number: FileDescriptor { FileDescriptor(rawValue: -1) }

  package func write(_ buffer: Span<UInt8>) -> Transfer { .moved(buffer.count) }
  package func finish() {}
  package func writeError(_ code: Errno) -> SystemError { SystemError(.write("nowhere"), code) }
}
