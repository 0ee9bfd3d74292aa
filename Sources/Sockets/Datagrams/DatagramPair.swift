// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// Two UDP sockets on the loopback interface, a sender and a receiver; neither ever blocks.
package struct DatagramPair: ~Copyable {
  private let sendingEnd: Descriptor
  private let receivingEnd: Descriptor
  /// The bound address of the receiver.
  package let address: Address

  /// Creates the pair, with the requested buffers: the send buffer of the sender, the receive buffer of the receiver.
  package init(settings: SocketSettings) throws(IOFailure) {
    let receiver = try LoopbackTransport.udp.freshSocket()
    if let size = settings.receiveBuffer { try SocketOption.receiveBuffer.set(size, on: receiver.number) }
    let anyAddress = LoopbackTransport.udp.anyAddress
    try receiver.bind(to: anyAddress)
    let address = StreamSocket.localAddress(of: receiver.number) ?? anyAddress
    let sender = try LoopbackTransport.udp.freshSocket()
    if let size = settings.sendBuffer { try SocketOption.sendBuffer.set(size, on: sender.number) }
    do { try sender.connect(to: address) } catch { throw IOFailure(.connect(address), error) }
    receivingEnd = receiver
    sendingEnd = sender
    self.address = address
  }

  /// The sending socket; it must not outlive the pair.
  package var sender: FileDescriptor { sendingEnd.number }
  /// The receiving socket; it must not outlive the pair.
  package var receiver: FileDescriptor { receivingEnd.number }

  /// The memory in bytes that sent datagrams still occupy in the sender.
  package func unsentBytes() throws(IOFailure) -> Int {
    try QueuedBytes.unsent(in: sender, to: "\(address)")
  }
}
