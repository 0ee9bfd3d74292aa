// SPDX-License-Identifier: GPL-3.0-or-later

/// A colour of text on a terminal: the parameter of SGR, select graphic rendition (ECMA-48, 8.3.117).
package enum TextColor: Int, CaseIterable, Sendable {
  /// For failures.
  case red = 31
  /// For success, and for bytes that are sent.
  case green = 32
  /// For what is in doubt.
  case yellow = 33
  /// For a peer.
  case blue = 34
  /// For a peer.
  case magenta = 35
  /// For peers, and for bytes that are received.
  case cyan = 36

  /// The colour of the peer with this number: neighbours differ, and none is that of a failure.
  package init(ofPeer number: Int) {
    let colors: [TextColor] = [.cyan, .green, .magenta, .blue, .yellow]
    self = colors[abs(number - 1) % colors.count]
  }

  /// The text in this colour.
  package func applied(to text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
