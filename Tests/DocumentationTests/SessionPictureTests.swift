// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The picture of the README shows what the program does.
@Suite(.onPrivateNetworks, .takingTurns)
struct SessionPictureTests {
  /// A picture without what differs from run to run: rates, times and ports.
  private static func generalized(_ picture: String) -> String {
    picture.replacing(/\d+(\.\d+)? ([KMG]iB\/s|ms)/, with: "N").replacing(/:[3-6]\d{4}\b/, with: ":PORT")
  }

  @Test func `the session of the picture runs as drawn`() async throws {
    let drawing = Program(
      path: Project.path("scripts/draw-session"), arguments: [Program.sockkit([]).path])
    let drawn = try await RunningProgram(drawing, input: .file("/dev/null"), limit: 120).finished()
    #expect(drawn.ending == .exit(0), "\(drawn)")
    let kept = try Project.lines("docs/session.svg").joined(separator: "\n")
    #expect(Self.generalized(drawn.text) == Self.generalized(kept), "'make screenshot' draws it again")
  }
}
