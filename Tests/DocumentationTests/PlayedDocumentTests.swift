// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The commands in documents produce the output that the documents show.
@Suite(.onPrivateNetworks, .takingTurns)
struct PlayedDocumentTests {
  /// The documents with console blocks to play.
  static let documents =
    Project.manualPages + Project.frontEndPages + Project.topicPages
    + Project.documents.filter { ((try? Project.lines($0)) ?? []).contains { $0.hasPrefix("```console") } }

  @Test(arguments: documents)
  func `the commands of a document lead to what it shows`(document: String) async throws {
    let player = Program(path: Project.path("scripts/play-document"), arguments: [Project.path(document)])
    let played = try await RunningProgram(player, input: .file("/dev/null"), limit: 600).finished()
    #expect(played.ending == .exit(0), "\(played)")
  }

  @Test func `there are documents to play`() {
    #expect(Self.documents.count >= Project.manualPages.count)
    #expect(!Project.manualPages.isEmpty)
  }

  @Test(arguments: Project.documents)
  func `commands stand where they are played`(document: String) throws {
    var fence: Substring?
    for (number, line) in try Project.lines(document).enumerated() {
      if line.hasPrefix("```") {
        fence = fence == nil ? line.dropFirst(3) : nil
      } else if line.hasPrefix("<!-- offstage"), !line.hasSuffix("-->") {
        fence = "console"
      } else if line == "-->" {
        fence = nil
      } else if line.contains(/^ *(\$ |sockkit )/) {
        #expect(fence?.hasPrefix("console") == true, "\(document):\(number + 1): \(line)")
      }
    }
  }

  @Test func `a document that shows something else is told where`() async throws {
    let directory = try TemporaryDirectory()
    let wrong = try directory.write(
      """
      # Look-ups

      ```console
      $ sockkit getserv http tcp
      80
      $ sockkit getserv https tcp
      80
      ```
      """, to: "wrong.md")
    let player = Program(path: Project.path("scripts/play-document"), arguments: [wrong])
    let played = try await RunningProgram(player, input: .file("/dev/null"), limit: 120).finished()
    #expect(played.ending == .exit(1), "\(played)")
    #expect(
      played.errors.hasPrefix(
        """
        \(wrong):3: in terminal console: «80» was awaited next, and the screen shows:
            | 443
        """), "\(played)")
  }
}
