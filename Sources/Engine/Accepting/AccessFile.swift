// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage
import Text

/// A file that lists networks: one address or network per line, empty lines, and comments that begin with `#`.
package struct AccessFile: Sendable {
  private let path: String

  /// Refers to the file at a path.
  package init(_ path: String) { self.path = path }

  /// Reads the file.
  ///
  /// - Throws: `noInput` if it cannot be read, `dataError` with the line that is not a network.
  func networks() throws(Failure) -> [Network] {
    let content: [UInt8]?
    do {
      content = try RegularFile.bytes(of: path)
    } catch {
      // An unreadable file is a missing input file, whatever the reason.
      throw Failure(.noInput, "\(IOFailure(.read(path), error))")
    }
    guard let content else {
      throw Failure(.noInput, "read \(path): not a regular file, and others cannot be read again")
    }
    return try networks(in: content)
  }

  /// Parses the contents of a file.
  ///
  /// - Throws: `dataError` with the line that is not a network.
  package func networks(in content: [UInt8]) throws(Failure) -> [Network] {
    var networks: [Network] = []
    var number = 0
    for line in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let words = line.prefix { $0 != UInt8(ascii: "#") }.split(whereSeparator: \.isSpace)
      guard !words.isEmpty else { continue }
      guard words.count == 1, let network = Network(String(decoding: words[0], as: UTF8.self)) else {
        throw Failure(.dataError, "\(path), line \(number): \(Self.complaint(words))")
      }
      networks.append(network)
    }
    return networks
  }

  private static func complaint(_ words: [ArraySlice<UInt8>]) -> String {
    let shown = Array(words.joined(separator: [UInt8(ascii: " ")]))
    let text = TerminalSafe.escape(utf8: Array(shown.prefix(longestShown)).span)
    let ending = shown.count > longestShown ? "…" : ""
    return "'\(text)\(ending)' is not an address or a network such as 192.0.2.0/24 or 2001:db8::/32"
  }

  private static let longestShown = 60
}
