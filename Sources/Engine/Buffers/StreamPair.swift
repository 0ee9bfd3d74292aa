// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// Two connected stream sockets of this process, one to write and one to read.
struct StreamPair: ~Copyable {
  /// The end that is written to.
  let sender: StreamSocket
  /// The end that is not read.
  let receiver: StreamSocket

  /// Connects a pair, with the requested buffers: the send buffer of the sender, the receive buffer of the receiver.
  ///
  /// TCP needs the sizes before the connection is established, because the window scale is negotiated in the handshake;
  /// an accepted socket inherits those of its listener. An accepted Unix socket does not, so its own options are set.
  static func connect(
    over transport: LoopbackTransport, settings: SocketSettings, until deadline: Deadline
  ) throws(Failure) -> StreamPair {
    var receiving = SocketSettings()
    receiving.receiveBuffer = settings.receiveBuffer
    var connector = Connector()
    connector.settings.sendBuffer = settings.sendBuffer
    do {
      let listener = try Listener.open(
        on: transport.anyAddress, backlog: 1, settings: transport == .unix ? SocketSettings() : receiving)
      let sender = try connector.connect(to: [listener.local], until: deadline)
      let receiver = try accept(sender.local, from: listener, until: deadline)
      if transport == .unix, let size = settings.receiveBuffer {
        try SocketOption.receiveBuffer.set(size, on: receiver.descriptor)
      }
      return StreamPair(sender: sender, receiver: receiver)
    } catch let error as IOFailure {
      throw Failure(error)
    } catch let error as ConnectionError {
      throw Failure(error)
    } catch {
      fatalError("nothing here throws \(error)")
    }
  }

  /// Accepts the connection from one peer, and closes those from others, which may have found the port.
  private static func accept(
    _ peer: Address, from listener: borrowing Listener, until deadline: Deadline
  ) throws(IOFailure) -> StreamSocket {
    while true {
      if let socket = try listener.accept(), socket.remote == peer { return socket }
      guard try !listener.descriptor.wait(for: .readable, until: deadline).isEmpty else {
        throw IOFailure(.accept(listener.local), .timedOut)
      }
    }
  }
}
