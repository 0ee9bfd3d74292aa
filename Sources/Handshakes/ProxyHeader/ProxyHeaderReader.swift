// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// A server's side of the PROXY protocol: the header that must precede everything else.
package struct ProxyHeaderReader: Handshake {
  private let operation: Operation
  private let admits: @Sendable (Address) -> Bool
  private var input = InputBuffer()
  /// The header; `nil` before it is complete.
  package private(set) var header: ProxyHeader?

  /// The maximum number of bytes of version 1, with its end.
  private static let longestLine = 107
  /// The number of bytes before the addresses of version 2, and the maximum of all that follow.
  private static let (head, longest) = (16, 4 << 10)

  /// Expects a header.
  ///
  /// - Parameters:
  ///   - proxy: The proxy's address for messages.
  ///   - admits: Whether the client that the proxy names may connect.
  package init(from proxy: Address, admits: @escaping @Sendable (Address) -> Bool) {
    operation = .readHeader(from: "\(proxy)")
    self.admits = admits
  }

  package var prematureEnd: IOFailure { IOFailure(operation, .truncated("the connection ended within it")) }
  package var client: Address? { header?.ends?.source }

  package mutating func step(
    _ bytes: Span<UInt8>, _ output: inout [UInt8]
  ) throws(IOFailure) -> HandshakeStep {
    input.add(bytes)
    guard let first = input.rest.first else { return .incomplete }
    let header: ProxyHeader?
    switch first {
    case UInt8(ascii: "P"): header = try readLine()
    case ProxyHeader.signature[0]: header = try readBinary()
    default: throw failure("the connection does not begin with it")
    }
    guard let header else { return .incomplete }
    if let client = header.ends?.source, !admits(client) {
      throw IOFailure(operation, .untrusted("the client \(client) is denied"))
    }
    self.header = header
    return .complete(taken: input.takenOfLast)
  }

  private func failure(_ words: String) -> IOFailure { IOFailure(operation, .peerProtocol(words)) }

  // MARK: Version 1

  private mutating func readLine() throws(IOFailure) -> ProxyHeader? {
    let start = input.rest.prefix(Self.longestLine)
    let prefix = Array("PROXY ".utf8)
    guard zip(start, prefix).allSatisfy(==) else { throw failure("the connection does not begin with it") }
    guard let end = start.firstIndex(of: ASCII.lineFeed) else {
      guard start.count < Self.longestLine else {
        throw failure("the line is longer than \(Self.longestLine) bytes")
      }
      return nil
    }
    guard let line = input.take(end - start.startIndex + 1), line.dropLast().last == ASCII.carriageReturn
    else {
      throw failure("the line does not end with CR and LF")
    }
    let words = line.dropFirst(prefix.count).dropLast(2)
      .split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    if words[0] == "UNKNOWN" { return ProxyHeader(nil) }
    guard words.count == 5, words[0] == "TCP4" || words[0] == "TCP6",
      let source = Self.address(words[1], words[3], of: words[0]),
      let destination = Self.address(words[2], words[4], of: words[0])
    else { throw failure("the line is not that of a connection") }
    return ProxyHeader(ProxyHeader.Ends(from: source, to: destination))
  }

  private static func address(_ host: String, _ port: String, of family: String) -> Address? {
    guard let address = IPAddress(host), !address.hasZone,
      (address.family == .ipv4) == (family == "TCP4"), let number = UInt16(port), "\(number)" == port
    else { return nil }
    return .internet(address, port: number)
  }

  // MARK: Version 2

  private mutating func readBinary() throws(IOFailure) -> ProxyHeader? {
    let rest = Array(input.rest.prefix(Self.head))
    guard zip(rest, ProxyHeader.signature).allSatisfy(==) else {
      throw failure("the connection does not begin with it")
    }
    guard rest.count == Self.head else { return nil }
    guard rest[12] == 0x20 || rest[12] == 0x21 else { throw failure("the version or the command is unknown") }
    let count = Int(rest[14]) << 8 | Int(rest[15])
    guard count <= Self.longest - Self.head else {
      throw failure("it is longer than \(Self.longest >> 10) KiB")
    }
    guard let bytes = input.take(Self.head + count) else { return nil }
    var content = bytes.dropFirst(Self.head)
    // A family or a protocol without addresses: the rest is not specified.
    guard let size = Self.sizes[rest[13]] else {
      guard rest[13] == 0 else { throw failure("the family or the protocol is unknown") }
      return ProxyHeader(nil)
    }
    guard content.count >= 2 * size + (size == Self.pathSize ? 0 : 4) else {
      throw failure("the addresses are incomplete")
    }
    let ends = Self.takeEnds(&content, size)
    guard let values = ProxyHeaderValue.parse(content) else { throw failure("the values are malformed") }
    try checkSum(of: bytes, values)
    var header = ProxyHeader(rest[12] == 0x21 ? ends : nil)
    header.values = values
    return header
  }

  /// The sizes of an address by family and protocol: IPv4, IPv6 and Unix sockets, over streams or datagrams.
  private static let sizes: [UInt8: Int] = [
    0x11: 4, 0x12: 4, 0x21: 16, 0x22: 16, 0x31: pathSize, 0x32: pathSize,
  ]
  private static let pathSize = 108

  /// Takes the addresses off the front; those of Unix sockets, which mean nothing on another host, are skipped.
  private static func takeEnds(_ content: inout ArraySlice<UInt8>, _ size: Int) -> ProxyHeader.Ends? {
    func take(_ count: Int) -> [UInt8] {
      defer { content = content.dropFirst(count) }
      return Array(content.prefix(count))
    }
    let hosts = [take(size), take(size)]
    guard size != pathSize else { return nil }
    let ports = [take(2), take(2)].map { UInt16($0[0]) << 8 | UInt16($0[1]) }
    let addresses = hosts.map { size == 4 ? IPAddress.ipv4($0) : .ipv6($0, zone: 0) }
    return ProxyHeader.Ends(
      from: .internet(addresses[0], port: ports[0]), to: .internet(addresses[1], port: ports[1]))
  }

  private func checkSum(of bytes: ArraySlice<UInt8>, _ values: [ProxyHeaderValue]) throws(IOFailure) {
    guard let sum = values.first(where: { $0.type == ProxyHeaderValue.Kind.checksum.rawValue }) else {
      return
    }
    // The field is found from the end: its place depends on the lengths of those before it.
    var offset = bytes.endIndex - values.reduce(0) { $0 + $1.bytes.count }
    for value in values {
      if value == sum { break }
      offset += value.bytes.count
    }
    var zeroed = Array(bytes)
    let start = offset - bytes.startIndex + 3
    guard sum.value.count == 4 else { throw failure("the checksum has not four bytes") }
    for index in start..<(start + 4) { zeroed[index] = 0 }
    guard sum.value.reduce(0, { $0 << 8 | UInt32($1) }) == CRC32C.checksum(zeroed) else {
      throw failure("the checksum is wrong")
    }
  }
}

/// A client's side of the PROXY protocol: it sends the header, and expects no answer.
package struct ProxyHeaderSender: Handshake {
  private let bytes: [UInt8]

  /// Sends a header.
  package init(_ header: ProxyHeader, _ version: ProxyHeader.Version) { bytes = header.bytes(version) }

  /// Never used: nothing is received.
  package var prematureEnd: IOFailure { IOFailure(.wait, .truncated("the connection ended")) }

  package mutating func step(
    _ input: Span<UInt8>, _ output: inout [UInt8]
  ) throws(IOFailure) -> HandshakeStep {
    output += bytes
    return .complete(taken: 0)
  }
}
