// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// Any option of a socket, as a user names it: `LEVEL:NAME:VALUE`.
package struct RequestedOption: Equatable, Sendable {
  private enum Value: Equatable {
    case number(CInt)
    case text([UInt8])
    case bytes([UInt8])
  }

  /// The text as it was typed.
  package let text: String
  private let level: CInt
  private let number: CInt
  private let value: Value

  /// The reason why a text is no option: what is accepted instead.
  package struct SyntaxError: Error, Equatable {
    /// What is accepted, as the end of a sentence that begins with `expected`.
    package let expected: String
  }

  private static let form =
    "LEVEL:NAME:VALUE, such as tcp:nodelay:1, 6:1:1 or SOL_SOCKET:SO_MARK:7"

  /// Reads an option. Level and option are numbers, short names or C constants; the value is a whole number that fits
  /// four bytes, decimal or `0x` hexadecimal, or `string:` and a text, or `hex:` and pairs of hexadecimal digits.
  package init(_ text: String) throws(SyntaxError) {
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 else { throw SyntaxError(expected: Self.form) }
    let named = SocketOptionLevel.named(parts[0])
    guard let level = named?.number ?? Self.constant(parts[0]) else {
      let names = SocketOptionLevel.all.map(\.name).joined(separator: ", ")
      throw SyntaxError(expected: "a number or one of \(names) as the level")
    }
    let known = named ?? SocketOptionLevel.all.first { $0.number == level }
    guard let number = known?.option(parts[1]) ?? Self.constant(parts[1]) else {
      let names = known.map { " or one of \($0.options.map(\.name).joined(separator: ", "))" } ?? ""
      throw SyntaxError(expected: "a number\(names) as the option of \(known?.name ?? parts[0])")
    }
    guard let value = Self.value(parts[2]) else {
      throw SyntaxError(
        expected: "a whole number from \(CInt.min) to \(UInt32.max), string:TEXT or hex:BYTES as the value")
    }
    self.text = text
    self.level = level
    self.number = number
    self.value = value
  }

  private static func constant(_ text: String) -> CInt? {
    WholeNumber.parse(text).flatMap { $0 < 0 ? nil : CInt(exactly: $0) }
  }

  private static func value(_ text: String) -> Value? {
    if text.hasPrefix("string:") { return .text(Array(text.utf8.dropFirst("string:".utf8.count))) }
    if text.hasPrefix("hex:") {
      return bytes(Array(text.utf8.dropFirst("hex:".utf8.count))).map { .bytes($0) }
    }
    // A number above that of a signed one is the same four bytes.
    return WholeNumber.parse(text).flatMap { number in
      CInt(exactly: number) ?? UInt32(exactly: number).map { CInt(bitPattern: $0) }
    }.map { .number($0) }
  }

  private static func bytes(_ digits: [UInt8]) -> [UInt8]? {
    guard !digits.isEmpty, digits.count.isMultiple(of: 2) else { return nil }
    let values = digits.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard values.count == digits.count else { return nil }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
  }

  /// The C constants, for the trace; numbers where they have no name here.
  private var constants: String {
    let known = SocketOptionLevel.all.first { $0.number == level }
    let option = known?.options.first { $0.number == number }?.name.uppercased()
    return "\(known?.constants[0] ?? "\(level)"), \(option.map { (known?.prefix ?? "") + $0 } ?? "\(number)")"
  }

  /// Whether it is an option of the socket itself, which a Unix socket has too.
  package var isOfSocket: Bool { level == SOL_SOCKET }

  /// Sets the option on a socket. The corresponding C function is `setsockopt`.
  ///
  /// - Throws: The error of the kernel, with the option as it was typed.
  func set(on socket: FileDescriptor) throws(IOFailure) {
    let (bytes, shown): ([UInt8], String)
    switch value {
    case .number(let number):
      bytes = unsafe withUnsafeBytes(of: number) { unsafe Array($0) }
      shown = "\(number)"
    case .text(let text): (bytes, shown) = (text, "\"\(String(decoding: text, as: UTF8.self))\"")
    case .bytes(let all): (bytes, shown) = (all, "{\(all.count) bytes}")
    }
    _ = try attempting(.set("--sockopt \(text)")) { () throws(Errno) in
      try systemCall("setsockopt(\(socket.rawValue), \(constants), \(shown))") {
        unsafe setsockopt(socket.rawValue, level, number, bytes, socklen_t(bytes.count))
      }
    }
  }

  /// The value that the kernel reports, in the form of the one that was requested; `nil` if it reports none. The
  /// corresponding C function is `getsockopt`.
  func effective(on socket: FileDescriptor) -> EffectiveOption? {
    var bytes = [UInt8](repeating: 0, count: Self.longestValue)
    var length = socklen_t(bytes.count)
    let status = try? systemCall("getsockopt(\(socket.rawValue), \(constants))") {
      unsafe getsockopt(socket.rawValue, level, number, &bytes, &length)
    }
    guard status == 0 else { return nil }
    let reported = bytes.prefix(Int(length))
    let name = "sockopt \(text.split(separator: ":").prefix(2).joined(separator: ":"))"
    switch value {
    case .number:
      // The kernel answers with a single byte for a few options.
      guard reported.count <= MemoryLayout<CInt>.size else { return nil }
      var number: CInt = 0
      unsafe withUnsafeMutableBytes(of: &number) { unsafe $0.copyBytes(from: reported) }
      return EffectiveOption(name, .number(Int(number)))
    case .text:
      return EffectiveOption(name, .text(String(decoding: reported.prefix { $0 != 0 }, as: UTF8.self)))
    case .bytes:
      let digits = reported.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      return EffectiveOption(name, .text("hex:\(digits.joined())"))
    }
  }

  /// The number of bytes of the longest value that is shown.
  private static let longestValue = 256
}
