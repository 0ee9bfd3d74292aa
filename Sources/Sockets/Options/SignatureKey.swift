// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import SystemPackage

/// The key of TCP MD5 signatures (RFC 2385), which both sides of a connection share.
package struct SignatureKey: Equatable, Sendable {
  private let bytes: [UInt8]

  /// The length of the longest key that the kernel takes, in bytes.
  private static let longest = 80

  /// Reads the key from a file of any kind that has an end; a newline at the end is dropped.
  ///
  /// - Throws: The error of the file, or that it contains no key of 1 to 80 bytes.
  package init(fromFile path: String) throws(IOFailure) {
    var content: [UInt8]
    do { content = try RegularFile.bytes(ofAny: path, atMost: Self.longestFile) } catch {
      throw IOFailure(.read(path), error)
    }
    if content.last == UInt8(ascii: "\n") { content.removeLast() }
    if content.last == UInt8(ascii: "\r") { content.removeLast() }
    try self.init(content, from: path)
  }

  /// Takes the bytes of a key.
  ///
  /// - Parameter source: Where they are from, for the error.
  /// - Throws: That they are not 1 to 80.
  package init(_ bytes: [UInt8], from source: String) throws(IOFailure) {
    guard (1...Self.longest).contains(bytes.count) else {
      let problem =
        "a key of a TCP MD5 signature has 1 to \(Self.longest) bytes, and this one has \(bytes.count)"
      throw IOFailure(.read(source), .malformed(problem))
    }
    self.bytes = bytes
  }

  private static let longestFile = 64 << 10

  /// Signs what the socket sends to any peer, and accepts only what is signed. Connections that a listening socket
  /// accepts inherit the key. The corresponding C function is `setsockopt` with `TCP_MD5SIG_EXT` and a prefix of no
  /// bits; a dual-stack socket has a second key for IPv4.
  ///
  /// - Throws: That the kernel is built without such signatures, or the error of the option.
  func set(on socket: FileDescriptor, family: AddressFamily) throws(IOFailure) {
    try set(on: socket, isIPv6: family == .ipv6, isMapped: false)
    if family == .ipv6 { try set(on: socket, isIPv6: true, isMapped: true) }
  }

  private func set(on socket: FileDescriptor, isIPv6: Bool, isMapped: Bool) throws(IOFailure) {
    let peers = isMapped ? "::ffff:0.0.0.0/0" : isIPv6 ? "::/0" : "0.0.0.0/0"
    do {
      _ = try systemCall(
        "setsockopt(\(socket.rawValue), IPPROTO_TCP, TCP_MD5SIG_EXT, {\(peers), \(bytes.count) bytes})"
      ) {
        unsafe csockkit_set_signature_key(socket.rawValue, isIPv6, isMapped, bytes, UInt16(bytes.count))
      }
    } catch .protocolNotAvailable {
      throw IOFailure(
        .set("--md5-key"), .missing("this kernel has no TCP MD5 signatures (CONFIG_TCP_MD5SIG)"))
    } catch {
      throw IOFailure(.set("--md5-key"), error)
    }
  }
}
