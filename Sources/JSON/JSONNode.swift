// SPDX-License-Identifier: GPL-3.0-or-later

/// A value of JSON while it is encoded. It is a reference, because an `Encoder` and its containers fill it together.
final class JSONNode {
  private enum Content {
    case literal(String)
    case string(String)
    case array([JSONNode])
    case object([(key: String, node: JSONNode)])
  }

  /// What an `Encoder` that nothing is written to stands for.
  private var content = Content.object([])

  /// Encodes a value into this node.
  func set<Value: Encodable>(_ value: Value) throws {
    switch value {
    case let string as String: content = .string(string)
    case let number as any FloatingPoint & LosslessStringConvertible:
      content = .literal(try Self.text(of: number))
    case let number as any BinaryInteger: content = .literal(number.description)
    case let isTrue as Bool: content = .literal(isTrue ? "true" : "false")
    default: try value.encode(to: NodeEncoder(node: self))
    }
  }

  /// Sets this node to `null`.
  func setNull() { content = .literal("null") }

  /// Makes this node an array, unless it is one.
  func makeArray() {
    guard case .array = content else { return content = .array([]) }
  }

  /// The number of elements of an array.
  var count: Int {
    guard case .array(let elements) = content else { return 0 }
    return elements.count
  }

  /// Appends an element to an array, and returns it.
  func append() -> JSONNode {
    let element = JSONNode()
    if case .array(var elements) = content {
      content = .array([])
      elements.append(element)
      content = .array(elements)
    }
    return element
  }

  /// Adds a member to an object, and returns its value.
  func add(_ key: String) -> JSONNode {
    let value = JSONNode()
    if case .object(var members) = content {
      content = .object([])
      members.append((key, value))
      content = .object(members)
    }
    return value
  }

  /// Appends the text of this node.
  func write(to output: inout [UInt8]) {
    switch content {
    case .literal(let text): output += text.utf8
    case .string(let text): Self.write(text, to: &output)
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        element.write(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.write(member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        member.node.write(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  /// A number in its shortest form, and without a fraction of zero.
  private static func text(of number: some FloatingPoint & LosslessStringConvertible) throws -> String {
    guard number.isFinite else {
      throw EncodingError.invalidValue(
        number, EncodingError.Context(codingPath: [], debugDescription: "\(number) is not a number of JSON"))
    }
    let text = number.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// A string with the escapes of RFC 8259, section 7, the short ones where there is one.
  private static func write(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output += "\\\"".utf8
      case UInt8(ascii: "\\"): output += "\\\\".utf8
      case 0x08: output += "\\b".utf8
      case 0x09: output += "\\t".utf8
      case 0x0A: output += "\\n".utf8
      case 0x0C: output += "\\f".utf8
      case 0x0D: output += "\\r".utf8
      case ..<0x20: output += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
