// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// The names in a directory.
package struct DirectoryContents: Sendable {
  /// The names, or some of them, in no order; those that begin with a dot are left out.
  package let names: [PathName]
  /// Whether there are more names than were read.
  package let isCut: Bool

  /// The offsets of a record's length and name; the fields before them are not used here.
  private static let lengthOffset = 16
  private static let nameOffset = 19

  /// Reads the names in an open directory. The corresponding C function is `getdents64`.
  ///
  /// - Parameter limit: The maximum number of names to read.
  package init(of directory: FileDescriptor, limit: Int) throws(Errno) {
    var names: [PathName] = []
    var records = [UInt8](repeating: 0, count: 32 << 10)
    while true {
      let count = try systemCall("getdents64(\(directory.rawValue), \(records.count))") {
        unsafe csockkit_read_directory(directory.rawValue, &records, records.count)
      }
      guard count > 0 else { break }
      var start = 0
      while start + Self.nameOffset < count {
        let length =
          Int(records[start + Self.lengthOffset]) | Int(records[start + Self.lengthOffset + 1]) << 8
        let name = records[start + Self.nameOffset..<start + length].prefix { $0 != 0 }
        if let name = PathName(name), !name.isHidden { names.append(name) }
        start += length
      }
      if names.count > limit { break }
    }
    isCut = names.count > limit
    self.names = Array(names.prefix(limit))
  }
}
