// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// Two UDP sockets on the loopback interface, of which one sends to the other; neither ever blocks.
package struct DatagramPair: ~Copyable {
  private let sendingEnd: Descriptor
  private let receivingEnd: Descriptor
  /// Where the receiver is bound.
  package let address: Address

  /// Makes the pair, with the buffers that the settings ask for: one's send, the other's receive buffer.
  package init(settings: SocketSettings) throws(SystemError) {
    let receiver = try LoopbackTransport.udp.freshSocket()
    if let size = settings.receiveBuffer { try SocketOption.receiveBuffer.set(size, on: receiver.number) }
    let anyAddress = LoopbackTransport.udp.anyAddress
    try receiver.bind(to: anyAddress)
    let address = StreamSocket.localAddress(of: receiver.number) ?? anyAddress
    let sender = try LoopbackTransport.udp.freshSocket()
    if let size = settings.sendBuffer { try SocketOption.sendBuffer.set(size, on: sender.number) }
    do { try sender.connect(to: address) } catch { throw SystemError(.connect(address), error) }
    receivingEnd = receiver
    sendingEnd = sender
    self.address = address
  }

  /// The socket that sends; it must not outlive the pair.
  package var sender: FileDescriptor { sendingEnd.number }
  /// The socket that receives; it must not outlive the pair.
  package var receiver: FileDescriptor { receivingEnd.number }

  /// What was sent and has not left the sender, in bytes of memory.
  package func unsentBytes() throws(SystemError) -> Int {
    try QueuedBytes.unsent(in: sender, to: "\(address)")
  }
}
