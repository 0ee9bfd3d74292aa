// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// A connection that is looked at once and left as it is: what has arrived is read with `MSG_PEEK`, and then the stream
/// counts as ended.
package final class PeekStream: SocketStream {
  private var hasLooked = false

  package override var medium: DescriptorKind { .opaque }
  package override var hasBufferedInput: Bool { hasLooked }

  /// Copies what has arrived, as far as the buffer holds it, and leaves it in the queue. The second call is
  /// end-of-stream.
  package override func read(
    into buffer: inout MutableSpan<UInt8>, atMost limit: Int
  ) throws(IOFailure) -> Transfer {
    guard !hasLooked else { return .endOfStream }
    do {
      let transfer = try Transfer.peek(at: descriptor, into: &buffer, atMost: limit)
      hasLooked = transfer != .wouldBlock
      return transfer
    } catch {
      throw readError(error)
    }
  }

  /// None: the end is that of looking, and not the peer's.
  package override func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? { nil }
}
