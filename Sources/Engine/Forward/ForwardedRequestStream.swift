// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Sockets
import SystemPackage
import Transport

/// A client's stream behind the header of its request: it is read as the request for the origin server, and no byte
/// behind that. What the client sends more is discarded.
final class ForwardedRequestStream: LayeredStream {
  /// The rest of the header for the origin server.
  private var header: ArraySlice<UInt8> = []
  private var body = HTTPForwardedBody()
  /// The number of bytes read from the stream below.
  private var taken = 0

  /// Begins behind the header of a request.
  convenience init(over transport: any ByteStream, _ request: HTTPForwardedRequest) {
    self.init(over: transport)
    header = request.header[...]
    body = HTTPForwardedBody(request.framing)
  }

  /// Opaque: the end of the request has to be found.
  override var medium: DescriptorKind { .opaque }
  override var hasBufferedInput: Bool { !header.isEmpty || transport.hasBufferedInput }
  override var hasBytes: Bool { !header.isEmpty || transport.hasBytes }

  /// Reads the request; end-of-stream is that of the client, behind a complete request.
  override func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    if !header.isEmpty { return .moved(header.move(into: &buffer, atMost: limit)) }
    while true {
      switch try transport.read(into: &buffer, atMost: limit) {
      case .wouldBlock: return .wouldBlock
      case .endOfStream:
        guard body.isComplete else { throw readError(.truncated("the request ended within its body")) }
        return .endOfStream
      case .moved(let count):
        taken += count
        do throws(HTTPError) {
          let length = try body.read(buffer.span.extracting(..<count))
          if length > 0 { return .moved(length) }
        } catch {
          throw readError(.peerProtocol(error.reason))
        }
      }
    }
  }

  override func unreadBytes() throws(IOFailure) -> Int { try header.count + transport.unreadBytes() }

  override func errorBehindEnd(received: Int?, sent: Int?) -> IOFailure.Reason? {
    transport.errorBehindEnd(received: received.map { _ in taken }, sent: sent)
  }
}
