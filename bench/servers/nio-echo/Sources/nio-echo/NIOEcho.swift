// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOPosix

/// Sends back what came, and flushes once for all that came at a time.
private final class EchoHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.write(data, promise: nil) }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// An echo server on one event loop, to compare with: `nio-echo PORT`, on 127.0.0.1.
@main
enum NIOEcho {
  static func main() throws {
    guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
      fatalError("usage: nio-echo PORT")
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let server = try ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      // SwiftNIO sets it by itself; here no server has it.
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 0)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(EchoHandler())
        }
      }
      .bind(host: "127.0.0.1", port: port)
      .wait()
    try server.closeFuture.wait()
  }
}
