// SPDX-License-Identifier: GPL-3.0-or-later

/// What an `Encodable` value writes itself to: an object, an array, or a single value, all into one node.
///
/// It keeps no coding path, since nothing that is encoded here asks for it.
struct NodeEncoder: Encoder {
  /// The node to fill.
  let node: JSONNode

  /// Always empty.
  var codingPath: [any CodingKey] { [] }
  /// Always empty.
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The members of an object.
  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Members(node: node))
  }

  /// The elements of an array.
  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.makeArray()
    return Elements(node: node)
  }

  /// A single value.
  func singleValueContainer() -> any SingleValueEncodingContainer { Single(node: node) }

  private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: JSONNode
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { node.add(key.stringValue).setNull() }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
      try node.add(key.stringValue).set(value)
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { superEncoder(of: key.stringValue).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      superEncoder(of: key.stringValue).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { superEncoder(of: "super") }
    func superEncoder(forKey key: Key) -> any Encoder { superEncoder(of: key.stringValue) }

    private func superEncoder(of key: String) -> NodeEncoder { NodeEncoder(node: node.add(key)) }
  }

  private struct Elements: UnkeyedEncodingContainer {
    let node: JSONNode
    var codingPath: [any CodingKey] { [] }
    var count: Int { node.count }

    func encodeNil() { node.append().setNull() }
    func encode<Value: Encodable>(_ value: Value) throws { try node.append().set(value) }
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
      NodeEncoder(node: node.append()).container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      NodeEncoder(node: node.append()).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { NodeEncoder(node: node.append()) }
  }

  private struct Single: SingleValueEncodingContainer {
    let node: JSONNode
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { node.setNull() }
    func encode<Value: Encodable>(_ value: Value) throws { try node.set(value) }
  }
}
