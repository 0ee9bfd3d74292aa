// SPDX-License-Identifier: GPL-3.0-or-later

/// The header of a response, as far as it says where the response ends.
struct ResponseHead {
  /// The status.
  let status: Int
  /// How long the body is, unless the request says that there is none; 0 if nothing is said of it.
  let length: Int
  /// Whether no more responses follow.
  let closes: Bool

  /// Takes a header off the front of bytes; one that is none stops the program.
  init(from rest: inout ArraySlice<UInt8>) {
    var lines: [String] = []
    while true {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
        preconditionFailure("the header of a response is not complete")
      }
      let line = rest[..<end]
      precondition(line.last == UInt8(ascii: "\r"), "a line of a response does not end with CR LF")
      precondition(
        line.dropLast().allSatisfy { (0x20...0x7E).contains($0) }, "a line of a response is not plain text")
      rest = rest[(end + 1)...]
      if line.count == 1 { break }
      lines.append(String(decoding: line.dropLast(), as: UTF8.self))
    }
    let words = (lines.first ?? "").split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == "HTTP/1.1", words[1].utf8.count == 3, let status = Int(words[1])
    else {
      preconditionFailure("the first line of a response is none")
    }
    self.status = status
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      precondition(parts.count == 2 && parts[1].hasPrefix(" "), "a header field of a response is none")
      let isFirst = fields.updateValue(String(parts[1].dropFirst()), forKey: parts[0].lowercased()) == nil
      precondition(isFirst, "a header field of a response is there twice")
    }
    precondition(status < 200 || fields["date"] != nil, "a response without a date")
    length = fields["content-length"].flatMap { Int($0) } ?? 0
    precondition(fields["content-length"] == nil || length >= 0, "a length that is none")
    closes = fields["connection"] == "close"
  }
}
