// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// Reads the names in a directory a part at a time, so that a directory of any size takes a bounded amount of memory.
package struct DirectoryRecords {
  /// The offsets of a record's length and name; the fields before them are not used here.
  private static let lengthOffset = 16
  private static let nameOffset = 19

  private var records: [UInt8]
  private var start = 0
  private var count = 0

  /// Creates a reader at the start of a directory.
  ///
  /// - Parameter capacity: The number of bytes to read at once; 280 is enough for the longest name.
  package init(capacity: Int) { records = [UInt8](repeating: 0, count: capacity) }

  /// Returns the next name that is not hidden; `nil` at the end. The corresponding C function is `getdents64`.
  ///
  /// - Parameter directory: The open directory, the same for each call.
  package mutating func next(from directory: FileDescriptor) throws(Errno) -> PathName? {
    while true {
      while start + Self.nameOffset < count {
        let length =
          Int(records[start + Self.lengthOffset]) | Int(records[start + Self.lengthOffset + 1]) << 8
        let name = records[start + Self.nameOffset..<start + length].prefix { $0 != 0 }
        start += length
        if let name = PathName(name), !name.isHidden { return name }
      }
      start = 0
      count = try systemCall("getdents64(\(directory.rawValue), \(records.count))") {
        unsafe csockkit_read_directory(directory.rawValue, &records, records.count)
      }
      guard count > 0 else { return nil }
    }
  }
}
