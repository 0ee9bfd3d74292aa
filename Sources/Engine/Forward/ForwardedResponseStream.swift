// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Handshakes
import Sockets
import SystemPackage
import Transport

/// An origin server's stream: it is read as the answer for the client, whose body the kernel can move.
final class ForwardedResponseStream: LayeredStream {
  /// What is answered.
  private var request: ProxyRequest?
  private var response = HTTPForwardedResponse()
  /// The bytes of the header that were not read yet.
  private var header: ArraySlice<UInt8> = []
  /// The number of bytes read from the stream below up to the body, and the number of bytes read in their place.
  private var taken = 0
  private var given = 0

  /// The number of bytes that are received at once.
  private static let readSize = 4096

  /// Begins before the answer to a request.
  convenience init(over transport: any ByteStream, to request: ProxyRequest?) {
    self.init(over: transport)
    self.request = request
  }

  private var isInBody: Bool { response.isComplete && header.isEmpty }

  override var medium: DescriptorKind { isInBody ? transport.medium : .opaque }
  override var hasBufferedInput: Bool { !header.isEmpty || transport.hasBufferedInput }
  override var hasBytes: Bool { !header.isEmpty || transport.hasBytes }

  /// Reads the answer; an end without one is an answer that says so.
  override func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    while header.isEmpty, !response.isComplete {
      var bytes = [UInt8](repeating: 0, count: Self.readSize)
      var space = bytes.mutableSpan
      var output: [UInt8] = []
      switch try transport.read(into: &space) {
      case .wouldBlock: return .wouldBlock
      case .moved(let count):
        taken += count
        response.read(bytes.span.extracting(..<count), &output)
      case .endOfStream:
        if !response.hasBegun { output = request?.reply(.noAnswer) ?? [] }
        response.end(&output)
      }
      header = output[...]
      given += output.count
    }
    guard header.isEmpty else { return .moved(header.move(into: &buffer, atMost: limit)) }
    return try transport.read(into: &buffer, atMost: limit)
  }

  override func unreadBytes() throws(IOFailure) -> Int { try header.count + transport.unreadBytes() }

  override func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? {
    transport.errorBehindEnd(received: received.map { $0 - given + taken }, sent: sent)
  }
}
