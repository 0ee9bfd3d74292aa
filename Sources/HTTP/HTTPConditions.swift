// SPDX-License-Identifier: GPL-3.0-or-later

/// Evaluates the conditions of a request against the state of a resource (RFC 9110, section 13).
enum HTTPConditions {
  /// The result of the conditions.
  enum Outcome: Equatable {
    /// They are met, or there are none.
    case proceed
    /// The client's copy is current.
    case notModified
    /// The client requires another state of the resource than the current one.
    case failed
  }

  /// Evaluates the conditions of a request, in the order of section 13.2.2; invalid dates are ignored.
  static func outcome(of fields: HTTPFields, for representation: Representation) -> Outcome {
    let tag = representation.tag
    if let wanted = fields.list(.ifMatch) {
      guard tag.isListed(in: wanted, isStrong: true) else { return .failed }
    } else if let limit = date(.ifUnmodifiedSince, fields), let modified = representation.modified {
      guard modified <= limit else { return .failed }
    }
    if let known = fields.list(.ifNoneMatch) {
      return tag.isListed(in: known, isStrong: false) ? .notModified : .proceed
    }
    guard let limit = date(.ifModifiedSince, fields), let modified = representation.modified else {
      return .proceed
    }
    return modified <= limit ? .notModified : .proceed
  }

  /// Whether a resource may be replaced, or created where there is none.
  static func permitChange(_ fields: HTTPFields, of representation: Representation?) -> Bool {
    guard let representation else { return fields.list(.ifMatch) == nil }
    switch outcome(of: fields, for: representation) {
    case .proceed: return true
    case .failed: return false
    // If-Modified-Since is for reading only (section 13.1.3).
    case .notModified: return fields.list(.ifNoneMatch) == nil
    }
  }

  /// Whether a range may be sent: the client's other parts are from the current state.
  ///
  /// A date counts only if no second change can have occurred in the same second (section 8.8.2.2).
  static func allowsRange(_ fields: HTTPFields, of representation: Representation) -> Bool {
    guard !fields.all(.ifRange).isEmpty else { return true }
    guard let condition = fields.single(.ifRange) else { return false }
    if representation.tag.equals(condition) { return true }
    guard let date = HTTPDate.parse(condition), let modified = representation.modified else { return false }
    return date == modified && modified < HTTPDate.now
  }

  private static func date(_ name: HTTPFieldName, _ fields: HTTPFields) -> Int? {
    fields.single(name).flatMap(HTTPDate.parse)
  }
}
