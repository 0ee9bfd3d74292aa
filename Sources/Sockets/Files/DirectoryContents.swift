// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// The names in a directory.
package struct DirectoryContents: Sendable {
  /// The names, or some of them, in no order; those that begin with a dot are left out.
  package let names: [PathName]
  /// Whether there are more names than were read.
  package let isCut: Bool

  /// Reads the names in an open directory.
  ///
  /// - Parameter limit: The maximum number of names to read.
  package init(of directory: FileDescriptor, limit: Int) throws(Errno) {
    var names: [PathName] = []
    var records = DirectoryRecords(capacity: 32 << 10)
    while let name = try records.next(from: directory) {
      guard names.count < limit else {
        (self.names, isCut) = (names, true)
        return
      }
      names.append(name)
    }
    (self.names, isCut) = (names, false)
  }
}
