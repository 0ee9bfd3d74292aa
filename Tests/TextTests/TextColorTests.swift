// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Text

struct TextColorTests {
  @Test func `a text in colour ends with the usual colour`() {
    #expect(TextColor.red.applied(to: "sockkit:") == "\u{1B}[31msockkit:\u{1B}[0m")
  }

  @Test func `neighbouring peers have different colours, none of them that of a failure`() {
    let colors = (1...12).map(TextColor.init(ofPeer:))
    #expect(!zip(colors, colors.dropFirst()).contains { $0 == $1 })
    #expect(!colors.contains(.red))
  }
}
