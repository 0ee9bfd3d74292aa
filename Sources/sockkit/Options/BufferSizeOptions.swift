// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// The sizes of a socket's buffers.
struct BufferSizeOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Ask for a send buffer of this size (SO_SNDBUF).", valueName: "size"),
    completion: .size, transform: ValueArgument.socketBufferSize)
  var sendBuffer: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Ask for a receive buffer of this size (SO_RCVBUF).", valueName: "size"),
    completion: .size, transform: ValueArgument.socketBufferSize)
  var receiveBuffer: Int?
}
