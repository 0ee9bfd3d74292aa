// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import JSON
import Testing

struct JSONTests {
  private struct Record: Encodable {
    struct Inner: Encodable {
      var b: String?
      var a: Double?
    }
    var name = "x"
    var missing: Int?
    var inner: Inner? = Inner(b: "é/\u{1}\u{1F}\u{7F}\"\\\n\r\t\u{8}\u{C}\u{1F600}", a: 0.1)
    var numbers: [Double] = [0, -0.0, 1, 1.5, 1e-7, 1e300, 123_456_789.25]
    var integers: [UInt64] = [0, .max]
    var flags = [true, false]
    var empty: [Inner] = []
    var records = [Inner(), Inner(b: "", a: -3)]
    var bytesInReceiver = Int8.min
    var bytesTaken: Float = 2.5
    var optionals: [Int?] = [1, nil]
  }

  @Test func `A record becomes the same text as with Foundation`() throws {
    let encoder = Foundation.JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(try JSON.encode(Record()) == String(decoding: encoder.encode(Record()), as: UTF8.self))
  }

  @Test func `Values at the top have no braces`() throws {
    #expect(try JSON.encode(7) == "7")
    #expect(try JSON.encode("a\"b") == #""a\"b""#)
    #expect(try JSON.encode([1, 2]) == "[1,2]")
    #expect(try JSON.encode([String]()) == "[]")
  }

  @Test func `A number that JSON does not have is an error`() {
    #expect(throws: EncodingError.self) { try JSON.encode([Double.infinity]) }
    #expect(throws: EncodingError.self) { try JSON.encode(Double.nan) }
  }

  @Test func `Containers within containers are written where they are made`() throws {
    struct Nested: Encodable {
      enum Key: CodingKey { case list, object }
      func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        var list = members.nestedUnkeyedContainer(forKey: .list)
        try list.encode(list.count)
        try list.encodeNil()
        var inner = list.nestedContainer(keyedBy: Key.self)
        try inner.encodeNil(forKey: .object)
        #expect(list.count == 3)
        var object = members.nestedContainer(keyedBy: Key.self, forKey: .object)
        try object.encode(true, forKey: .list)
      }
    }
    #expect(try JSON.encode(Nested()) == #"{"list":[0,null,{"object":null}],"object":{"list":true}}"#)
  }
}
