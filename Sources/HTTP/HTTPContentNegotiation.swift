// SPDX-License-Identifier: GPL-3.0-or-later

import Services

/// Chooses the answer to a request for an existing resource: all of it, ranges of it, or that the client's copy is
/// current.
struct HTTPContentNegotiation {
  private let representation: Representation
  private let fields: HTTPFields
  private let isRangeHeeded: Bool

  /// - Parameter isRangeHeeded: Whether ranges may be requested, which only GET allows.
  init(_ representation: Representation, for fields: HTTPFields, isRangeHeeded: Bool) {
    self.representation = representation
    self.fields = fields
    self.isRangeHeeded = isRangeHeeded
  }

  /// The answer.
  var response: HTTPResponse {
    switch HTTPConditions.outcome(of: fields, for: representation) {
    case .notModified: return HTTPResponse(.notModified, fields: validators)
    case .failed:
      return HTTPResponse(
        .preconditionFailed, fields: validators, text: "the file does not meet the condition of the request")
    case .proceed: break
    }
    switch ranges {
    case .whole: return whole
    case .parts(let ranges):
      guard let range = ranges.first else { return whole }
      if ranges.count == 1 { return single(range) }
      // A coding applies to a whole body, and the parts of this one are not compressed one by one.
      return representation.coding == nil ? multiple(ranges) : whole
    case .unsatisfiable:
      return HTTPResponse(
        .rangeNotSatisfiable, fields: [("Content-Range", "bytes */\(representation.count)")],
        text: "there are \(representation.count) bytes, and none of those asked for is among them")
    }
  }

  private var ranges: HTTPRanges {
    guard isRangeHeeded, let value = fields.single(.range),
      HTTPConditions.allowsRange(fields, of: representation)
    else { return .whole }
    return HTTPRanges(value, count: representation.count)
  }

  private var validators: [(name: String, value: String)] {
    var fields = [(name: "ETag", value: representation.tag.text)]
    if let modified = representation.modified { fields.append(("Last-Modified", HTTPDate.text(modified))) }
    if representation.isNegotiated { fields.append(("Vary", "Accept-Encoding")) }
    return fields
  }

  private var content: [(name: String, value: String)] {
    [(name: "Content-Type", value: representation.type)]
      + (representation.coding.map { [(name: "Content-Encoding", value: $0.rawValue)] } ?? [])
  }

  private var whole: HTTPResponse {
    HTTPResponse(
      .ok, fields: validators + [("Accept-Ranges", "bytes")] + content,
      body: [representation.part(0..<representation.count)])
  }

  private func single(_ range: Range<Int>) -> HTTPResponse {
    HTTPResponse(
      .partialContent,
      fields: validators + [("Content-Range", contentRange(range))] + content,
      body: [representation.part(range)])
  }

  /// The body of several ranges (RFC 9110, section 14.6).
  private func multiple(_ ranges: [Range<Int>]) -> HTTPResponse {
    // Random, so that a file cannot contain it deliberately.
    let boundary = (0..<2).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 36) }.joined()
    var body: [Response.Part] = []
    for range in ranges {
      let fields = "Content-Type: \(representation.type)\r\nContent-Range: \(contentRange(range))\r\n"
      body.append(.bytes(Array("\(body.isEmpty ? "" : "\r\n")--\(boundary)\r\n\(fields)\r\n".utf8)))
      body.append(representation.part(range))
    }
    body.append(.bytes(Array("\r\n--\(boundary)--\r\n".utf8)))
    return HTTPResponse(
      .partialContent,
      fields: validators + [("Content-Type", "multipart/byteranges; boundary=\(boundary)")], body: body)
  }

  private func contentRange(_ range: Range<Int>) -> String {
    "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(representation.count)"
  }
}
