// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// The pages about the architecture agree with the package.
struct ArchitectureTests {
  /// The directories of the package's own targets.
  private static func sources() async throws -> [String] {
    let listed = try await shell(#"ls "$1/Sources""#, Project.path(""))
    return String(decoding: listed.output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func `the picture shows the targets and dependencies of the package`() async throws {
    // A directory of its own, because the one of the build is locked while tests run.
    let directory = try TemporaryDirectory()
    let drawn = try await shell(
      #"""
      set -e
      cd "$1"
      # The path of the tests is that of a Debian system; the toolchain may be elsewhere.
      PATH=$PATH:$3
      # Without a home it has no place for its caches.
      HOME=$2 swift package --scratch-path "$2/build" dump-package > "$2/package"
      scripts/draw-architecture < "$2/package" > "$2/picture"
      diff docs/architecture.svg "$2/picture"
      """#, Project.path(""), directory.path,
      ProcessInfo.processInfo.environment["PATH"] ?? "")
    #expect(
      drawn.ending == .exit(0),
      "swift package dump-package | scripts/draw-architecture > docs/architecture.svg draws it anew: \(drawn)"
    )
  }

  @Test(arguments: ["docs/architecture.md", "CONTRIBUTING.md"])
  func `a page names every target`(page: String) async throws {
    let text = try Project.lines(page).joined(separator: "\n")
    let sources = try await Self.sources()
    #expect(sources.count > 10)
    for name in sources { #expect(text.contains(name), "\(page) does not name \(name)") }
  }
}
