// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// One of the two buffers between a writer and a reader.
package enum BufferSide: Sendable {
  /// The writer's, `SO_SNDBUF`.
  case send
  /// The reader's, `SO_RCVBUF`.
  case receive

  /// The option that sets its size and tells it.
  package var option: SocketOption { self == .send ? .sendBuffer : .receiveBuffer }

  /// The kernel's limit of what the option may be asked for.
  package var maximum: KernelParameter { self == .send ? .sendBufferMaximum : .receiveBufferMaximum }

  /// What TCP keeps to where the option is not set; the third number is the most.
  package var tuning: KernelParameter { self == .send ? .tcpSendBuffer : .tcpReceiveBuffer }
}
