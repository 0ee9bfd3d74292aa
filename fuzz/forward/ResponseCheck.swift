// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import HTTP

/// Passes the answers of an origin server on.
enum ResponseCheck {
  /// Stops the program if an answer is not passed on as it has to be.
  static func check(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    let expected = passedOn(bytes)
    for pieces in [Pieces.whole, pieces] {
      var (response, output) = (HTTPForwardedResponse(), [UInt8]())
      pieces.cut(bytes) { response.read($0, &output) }
      precondition(response.hasBegun == !bytes.isEmpty, "the beginning of an answer is not noticed")
      if !response.isComplete { response.end(&output) }
      precondition(output == expected, "an answer is passed on otherwise")
    }
  }

  /// What the client of a proxy gets: an answer without the fields that concern one connection (RFC 9110, section 7.6.1),
  /// after those that are not final; and everything from the first byte on that is not one of HTTP.
  private static func passedOn(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var (output, rest) = ([UInt8](), bytes)
    while true {
      var behind = rest
      guard let lines = try? StrictMessage.lines(from: &behind), let status = status(of: lines[0]),
        let fields = try? StrictMessage.fields(Array(lines.dropFirst()))
      else { return output + rest }
      let own = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
        "upgrade",
      ]
      let named = fields.filter { $0.name == "connection" }.flatMap { field in
        String(decoding: field.value, as: UTF8.self).lowercased().split(separator: ",")
          .map { $0.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed() }
          .map { String($0) }
      }
      // The length of the body remains, since the client has to find its end.
      let removed = Set(own + named).subtracting(["content-length", "transfer-encoding"])
      output += lines[0] + [13, 10]
      for (line, field) in zip(lines.dropFirst(), fields) where !removed.contains(field.name) {
        output += line + [13, 10]
      }
      let isFinal = status >= 200
      output += (isFinal ? "Via: 1.1 sockkit\r\nConnection: close\r\n\r\n" : "\r\n").utf8
      rest = behind
      if isFinal { return output + rest }
    }
  }

  private static func status(of line: [UInt8]) -> Int? {
    let text = line.map { Character(Unicode.Scalar($0)) }
    guard text.count >= 12, text.starts(with: "HTTP/1."), text[7].isASCII, text[7].isNumber, text[8] == " ",
      let status = Int(String(text[9..<12])), (100...999).contains(status),
      text.count == 12 || text[12] == " "
    else { return nil }
    return status
  }
}
