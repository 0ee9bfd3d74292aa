// SPDX-License-Identifier: GPL-3.0-or-later

import CCrypt
import Glibc

/// The hash of a password, with its method and salt: `$6$…`, `$y$…`, `$2b$…`.
struct PasswordHash: Equatable, Sendable {
  private let text: [CChar]

  /// Checks a hash; `nil` if it is of no method that the C library has, or of the traditional one, which heeds eight
  /// characters of a password only and for which plain text could be mistaken. The corresponding C function is
  /// `crypt_checksalt`.
  init?(_ bytes: some Collection<UInt8>) {
    guard bytes.first == UInt8(ascii: "$"), bytes.allSatisfy(Self.isAllowed) else { return nil }
    text = bytes.map { CChar(bitPattern: $0) } + [0]
    guard unsafe sockkit_crypt_knows(text) else { return nil }
  }

  /// Whether a byte may be in a hash, as in `crypt(5)`.
  private static func isAllowed(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && !":;*!\\".utf8.contains(byte)
  }

  /// Whether it is the hash of a password, which takes as long as its method wants: milliseconds to seconds. The
  /// corresponding C function is `crypt_rn`.
  func isHash(of password: [UInt8]) -> Bool {
    // C would take it for the end.
    guard !password.contains(0) else { return false }
    let phrase = password.map { CChar(bitPattern: $0) } + [0]
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(sockkit_crypt_size), alignment: 16)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: Int(sockkit_crypt_size))
    defer { unsafe memory.deallocate() }
    guard let hash = unsafe crypt_rn(phrase, text, memory, sockkit_crypt_size) else { return false }
    return unsafe ConstantTime.areEqual(
      Array(UnsafeBufferPointer(start: hash, count: strlen(hash) + 1)), text)
  }
}

/// Comparisons whose time does not tell where two values differ.
package enum ConstantTime {
  /// Whether two values are equal; their lengths may be guessed from the time.
  package static func areEqual<Value: FixedWidthInteger>(_ left: [Value], _ right: [Value]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
