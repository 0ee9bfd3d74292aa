// SPDX-License-Identifier: GPL-3.0-or-later

/// The form of labels beyond ASCII, behind `xn--` (RFC 3492).
enum Punycode {
  /// Decodes a label; `nil` for anything else.
  static func decode(_ label: [UInt8]) -> String? {
    let hyphen = label.lastIndex(of: UInt8(ascii: "-"))
    var scalars = label[..<(hyphen ?? 0)].map { UInt32($0) }
    var rest = label[(hyphen.map { $0 + 1 } ?? 0)...]
    var (code, index, bias, isFirst) = (128, 0, 72, true)
    while !rest.isEmpty {
      let previous = index
      var (weight, step) = (1, 36)
      while true {
        guard let byte = rest.popFirst(), let digit = Character(Unicode.Scalar(byte)).punycodeDigit else {
          return nil
        }
        index += digit * weight
        let threshold = min(max(step - bias, 1), 26)
        guard digit >= threshold else { break }
        weight *= 36 - threshold
        step += 36
        guard weight < 1 << 40 else { return nil }
      }
      let count = scalars.count + 1
      bias = adapt(index - previous, count, isFirst: isFirst)
      isFirst = false
      code += index / count
      index %= count
      guard let scalar = UInt32(exactly: code) else { return nil }
      scalars.insert(scalar, at: index)
      index += 1
    }
    let text = scalars.compactMap { Unicode.Scalar($0) }
    return text.count == scalars.count ? String(String.UnicodeScalarView(text)) : nil
  }

  /// Section 6.1.
  private static func adapt(_ difference: Int, _ count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? difference / 700 : difference / 2
    delta += delta / count
    var step = 0
    while delta > 455 {
      delta /= 35
      step += 36
    }
    return step + 36 * delta / (delta + 38)
  }
}

extension Character {
  /// Its value: that of a letter, or 26 more than that of a digit.
  fileprivate var punycodeDigit: Int? {
    switch self {
    case "a"..."z", "A"..."Z": isASCII ? Int(lowercased(), radix: 36).map { $0 - 10 } : nil
    case "0"..."9": isASCII ? wholeNumberValue.map { $0 + 26 } : nil
    default: nil
    }
  }
}
