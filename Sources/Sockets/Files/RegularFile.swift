// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// Reads a file completely; only a regular file is certain to have an end.
package enum RegularFile {
  /// The bytes of a regular file; `nil` if it is anything else.
  ///
  /// The corresponding C functions are `open`, `fstat` and `read`.
  package static func bytes(of path: String) throws(Errno) -> [UInt8]? {
    let file = try Descriptor.opened(path)
    switch try FileStatus(of: file.number).kind {
    case .regular: break
    case .directory: throw .isDirectory
    case .link, .other: return nil
    }
    return try bytes(of: file, atMost: .max)
  }

  /// The bytes of a file of any kind that has an end, such as a pipe, whose writer is waited for.
  ///
  /// - Throws: `EFBIG` if it is longer than a limit, in bytes.
  package static func bytes(ofAny path: String, atMost limit: Int) throws(Errno) -> [UInt8] {
    try bytes(of: try Descriptor.opened(path), atMost: limit)
  }

  private static func bytes(of file: borrowing Descriptor, atMost limit: Int) throws(Errno) -> [UInt8] {
    var content: [UInt8] = []
    var storage = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      var buffer = storage.mutableSpan
      switch try Transfer.read(from: file.number, into: &buffer) {
      case .moved(let count): content += storage[..<count]
      // An empty pipe is not at its end.
      case .wouldBlock:
        do throws(IOFailure) {
          try file.number.wait(for: .readable, until: .never)
        } catch { throw error.code }
      case .endOfStream: return content
      }
      if content.count > limit { throw .fileTooLarge }
    }
  }
}
