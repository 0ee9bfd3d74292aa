// SPDX-License-Identifier: GPL-3.0-or-later

/// How much memory a value holds on to.
enum HeldMemory {
  /// The bytes that arrays, texts and integers in it have room for, wherever they are in it.
  static func count(in value: Any) -> Int {
    switch value {
    case let bytes as [UInt8]: bytes.capacity
    case let text as String: text.utf8.count
    case let limbs as [UInt]: limbs.capacity * MemoryLayout<UInt>.size
    default: Mirror(reflecting: value).children.reduce(0) { $0 + count(in: $1.value) }
    }
  }
}
