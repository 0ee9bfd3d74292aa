// SPDX-License-Identifier: GPL-3.0-or-later

/// A file in an archive, in the pax interchange format (POSIX.1-2024, `pax`): the header is that of ustar, with an
/// extended one before it where something does not fit.
package struct TarEntry {
  /// The kind of a file.
  package enum Kind: Equatable {
    /// A regular file with this many bytes.
    case file(count: Int)
    case directory
    /// A symbolic link to this target.
    case link(target: [UInt8])
  }

  /// The path; that of a directory ends with a slash.
  let path: [UInt8]
  /// The kind of the file.
  let kind: Kind
  /// The permission bits.
  let permissions: UInt32
  /// When its content was last changed, in seconds since 1970.
  let modified: Int

  /// Describes a file; the path of a directory ends with a slash.
  package init(path: [UInt8], kind: Kind, permissions: UInt32, modified: Int) {
    self.path = path
    self.kind = kind
    self.permissions = permissions
    self.modified = modified
  }

  /// The length of headers, and what the content of each file is padded to, in bytes.
  static let blockSize = 512
  /// The end of an archive: two blocks of zeros.
  static let end = [UInt8](repeating: 0, count: 2 * blockSize)

  /// The zeros that follow the content of a file.
  static func padding(after count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: (blockSize - count % blockSize) % blockSize)
  }

  /// The greatest number of 11 octal digits.
  private static let mostOctal = 1 << 33 - 1
  private static let mostName = 100
  private static let mostPrefix = 155

  /// The header, with an extended one before it if necessary.
  package var header: [UInt8] {
    var records: [UInt8] = []
    if split == nil { records += Self.record("path", path) }
    if target.count > Self.mostName { records += Self.record("linkpath", target) }
    if count > Self.mostOctal { records += Self.record("size", Array("\(count)".utf8)) }
    if !(0...Self.mostOctal).contains(modified) { records += Self.record("mtime", Array("\(modified)".utf8)) }
    guard !records.isEmpty else { return block }
    let extended = Self.block(
      name: Array("././@PaxHeader".utf8), prefix: [], permissions: 0o644, count: records.count, modified: 0,
      type: "x", target: [])
    return extended + records + Self.padding(after: records.count) + block
  }

  private var block: [UInt8] {
    let place = split ?? (prefix: [], name: path.prefix(Self.mostName))
    return Self.block(
      name: Array(place.name), prefix: Array(place.prefix), permissions: permissions,
      count: count > Self.mostOctal ? 0 : count, modified: min(max(modified, 0), Self.mostOctal), type: type,
      target: Array(target.prefix(Self.mostName)))
  }

  private var type: Unicode.Scalar {
    switch kind {
    case .file: "0"
    case .directory: "5"
    case .link: "2"
    }
  }

  private var count: Int { if case .file(let count) = kind { count } else { 0 } }

  private var target: [UInt8] { if case .link(let target) = kind { target } else { [] } }

  /// The path in two fields, with a slash between them that is not stored; `nil` if it does not fit.
  private var split: (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
    if path.count <= Self.mostName { return ([], path[...]) }
    // The first slash that leaves a short enough name; one at the end is no separator.
    let earliest = path.count - Self.mostName - 1
    guard
      let slash = path.dropLast().indices.first(where: { $0 >= earliest && path[$0] == UInt8(ascii: "/") }),
      slash <= Self.mostPrefix, slash > 0
    else { return nil }
    return (path[..<slash], path[(slash + 1)...])
  }

  /// A record of an extended header: its own length, a space, the keyword, the value and a newline.
  private static func record(_ keyword: String, _ value: [UInt8]) -> [UInt8] {
    let rest = Array(" \(keyword)=".utf8) + value + [UInt8(ascii: "\n")]
    var digits = 1
    while "\(rest.count + digits)".utf8.count > digits { digits += 1 }
    return Array("\(rest.count + digits)".utf8) + rest
  }

  private static func block(
    name: [UInt8], prefix: [UInt8], permissions: UInt32, count: Int, modified: Int, type: Unicode.Scalar,
    target: [UInt8]
  ) -> [UInt8] {
    var block: [UInt8] = []
    block.reserveCapacity(blockSize)
    func append(_ bytes: some Collection<UInt8>, width: Int) {
      block += bytes
      block += repeatElement(0, count: width - bytes.count)
    }
    append(name, width: mostName)
    append(octal(Int(permissions), digits: 7), width: 8)
    // The owner of the files is not disclosed.
    append(octal(0, digits: 7), width: 8)
    append(octal(0, digits: 7), width: 8)
    append(octal(count, digits: 11), width: 12)
    append(octal(modified, digits: 11), width: 12)
    append(String(repeating: " ", count: 8).utf8, width: 8)
    append(String(type).utf8, width: 1)
    append(target, width: mostName)
    append("ustar\u{0}00".utf8, width: 8 + 64)
    append(octal(0, digits: 7), width: 8)
    append(octal(0, digits: 7), width: 8)
    append(prefix, width: mostPrefix + 12)
    let checksum = block.reduce(0) { $0 + Int($1) }
    block.replaceSubrange(148..<156, with: octal(checksum, digits: 6) + [0, UInt8(ascii: " ")])
    return block
  }

  private static func octal(_ number: Int, digits: Int) -> [UInt8] {
    let text = String(number, radix: 8)
    return Array((String(repeating: "0", count: max(0, digits - text.utf8.count)) + text).utf8)
  }
}
