// SPDX-License-Identifier: GPL-3.0-or-later

/// What the C library answers when it is asked for a host.
struct GivenAnswer {
  /// An answer with nothing in it.
  static let none = GivenAnswer([])

  /// What the next look-up is answered.
  nonisolated(unsafe) static var current = none
  /// The name that was looked up last, as the library got it; `nil` if none was.
  nonisolated(unsafe) static var question: [UInt8]?

  /// 0 for success; otherwise it selects the error.
  let status: UInt8
  /// Whether the addresses are those of IPv6.
  let isIPv6: Bool
  /// The canonical name and the others, without NULs; at least one.
  let names: [[UInt8]]
  /// The addresses, of four or sixteen bytes.
  let addresses: [[UInt8]]

  /// Takes an answer from bytes: the status, the family, names with a NUL between them, and behind a byte 255 the addresses.
  init(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    status = (rest.popFirst() ?? 0) % 16
    isIPv6 = (rest.popFirst() ?? 0) & 1 != 0
    let parts = rest.split(separator: 255, maxSplits: 1, omittingEmptySubsequences: false)
    names = parts[0].split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
    let length = isIPv6 ? 16 : 4
    var (addresses, left) = ([[UInt8]](), parts.count > 1 ? parts[1] : [])
    while left.count >= length {
      addresses.append(Array(left.prefix(length)))
      left = left.dropFirst(length)
    }
    self.addresses = addresses
  }

  /// The names as text.
  var texts: [String] { names.map { String(decoding: $0, as: UTF8.self) } }
}
