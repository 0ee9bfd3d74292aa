// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets
import SystemPackage

/// The hosts that `--allow`, `--deny` and their files name.
package struct NcatHosts {
  /// Looks up names.
  package let resolver: Resolver

  /// The access lists of a command line.
  ///
  /// - Throws: The failure of a file, or of what names no host.
  package func sources(_ options: NcatOptions) throws(Failure) -> AccessSources {
    var sources = AccessSources()
    for word in try options.allowed + words(in: options.allowedFiles) {
      try add(word, to: &sources.allowed, &sources.allowedPatterns)
    }
    for word in try options.denied + words(in: options.deniedFiles) {
      try add(word, to: &sources.denied, &sources.deniedPatterns)
    }
    // A file without hosts allows none.
    sources.isRestricted = !options.allowed.isEmpty || !options.allowedFiles.isEmpty
    return sources
  }

  private func add(
    _ word: String, to networks: inout [Network], _ patterns: inout [AddressPattern]
  ) throws(Failure) {
    if let network = Network(word) { return networks.append(network) }
    if let pattern = AddressPattern(word) { return patterns.append(pattern) }
    let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let suffix = parts.count > 1 ? "/\(parts[1])" : ""
    do throws(ResolutionError) {
      for address in try resolver.addresses(ofHost: String(parts[0]), port: 0) {
        guard let network = Network(address.host + suffix) else {
          throw ResolutionError(name: word, reason: .unknownHost("Name or service not known"))
        }
        networks.append(network)
      }
    } catch {
      throw Failure(.usage, "error in host specification \"\(word)\": \(error.wordsOfLibrary)")
    }
  }

  /// The words of files, which blanks, newlines, and comments that begin with `#` separate.
  private func words(in paths: [String]) throws(Failure) -> [String] {
    var words: [String] = []
    for path in paths {
      let content: [UInt8]
      do { content = try RegularFile.bytes(ofAny: path, atMost: Self.longestFile) } catch {
        throw Failure(.noInput, "can't open \(path): \(error)")
      }
      words += Self.words(of: content)
    }
    return words
  }

  /// The words of a file's content.
  package static func words(of content: [UInt8]) -> [String] {
    content.split(separator: UInt8(ascii: "\n")).flatMap { line in
      line.prefix { $0 != UInt8(ascii: "#") }.split { $0 == UInt8(ascii: " ") || (9...13).contains($0) }
        .map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private static let longestFile = 64 << 20
}
