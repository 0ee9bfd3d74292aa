// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// One of the two buffers between a writer and a reader.
package enum BufferSide: Sendable {
  /// The writer's, `SO_SNDBUF`.
  case send
  /// The reader's, `SO_RCVBUF`.
  case receive

  /// The option that sets and reports its size.
  package var option: SocketOption { self == .send ? .sendBuffer : .receiveBuffer }

  /// The kernel's limit for the option.
  package var maximum: KernelParameter { self == .send ? .sendBufferMaximum : .receiveBufferMaximum }

  /// The limits of TCP's automatic sizing if the option is not set; the third number is the maximum.
  package var tuning: KernelParameter { self == .send ? .tcpSendBuffer : .tcpReceiveBuffer }
}
