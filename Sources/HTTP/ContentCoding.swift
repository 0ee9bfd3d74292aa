// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The content codings in which a compressed copy of a file may lie beside it (RFC 9110, section 8.4.1), the one that
/// usually compresses best first.
enum ContentCoding: String, CaseIterable, Sendable {
  case brotli = "br"
  case zstandard = "zstd"
  case gzip

  /// What the name of the copy has after the name of the file.
  var suffix: StaticString {
    switch self {
    case .brotli: ".br"
    case .zstandard: ".zst"
    case .gzip: ".gz"
    }
  }

  /// The coding with a name, ignoring case.
  fileprivate init?(_ name: some Collection<UInt8>) {
    if name.equals("br") {
      self = .brotli
    } else if name.equals("zstd") {
      self = .zstandard
    } else if name.equals("gzip") || name.equals("x-gzip") {
      self = .gzip
    } else {
      return nil
    }
  }
}

/// The content codings that a client accepts (RFC 9110, section 12.5.3).
struct AcceptedCodings {
  /// The weights of codings, in thousandths.
  private var weights: [ContentCoding: Int] = [:]
  private var weightOfOthers = 0
  private var weightOfIdentity = 0

  /// Parses the value of `Accept-Encoding`; `nil` for a request without it. Invalid elements are ignored.
  init(_ value: [UInt8]?) {
    for element in value.map(HTTPToken.list) ?? [] {
      let parts = element.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      guard parts.count <= 2, let weight = parts.count == 1 ? 1000 : Self.weight(parts[1]) else { continue }
      let name = parts[0].withoutBlanks
      if let coding = ContentCoding(name) {
        weights[coding] = weight
      } else if name.equals("*") {
        weightOfOthers = weight
      } else if name.equals("identity") {
        weightOfIdentity = weight
      }
    }
  }

  /// The codings that are at least as welcome as the unchanged file, the most welcome first.
  var preferred: [ContentCoding] {
    var ranked: [(coding: ContentCoding, weight: Int)] = []
    for coding in ContentCoding.allCases {
      let weight = weights[coding] ?? weightOfOthers
      guard weight > 0, weight >= weightOfIdentity else { continue }
      // Among equal weights the order of the cases decides.
      ranked.insert((coding, weight), at: ranked.firstIndex { $0.weight < weight } ?? ranked.count)
    }
    return ranked.map(\.coding)
  }

  /// The weight of `q=0.5` in thousandths; `nil` if it is not a weight from 0 to 1 with up to three decimals.
  private static func weight(_ parameter: ArraySlice<UInt8>) -> Int? {
    let text = parameter.withoutBlanks
    guard text.prefix(2).equals("q=") else { return nil }
    let number = text.dropFirst(2)
    guard let whole = number.first, whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1") else {
      return nil
    }
    let decimals = number.dropFirst(2)
    guard number.dropFirst().first ?? UInt8(ascii: ".") == UInt8(ascii: "."), decimals.count <= 3,
      decimals.allSatisfy(\.isDigit)
    else { return nil }
    let digits = [whole] + decimals + Array(repeating: UInt8(ascii: "0"), count: 3 - decimals.count)
    return digits.decimalClamped.flatMap { $0 <= 1000 ? $0 : nil }
  }
}
