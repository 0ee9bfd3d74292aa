// SPDX-License-Identifier: GPL-3.0-or-later

/// The lengths of the pieces that bytes arrive in.
package struct Pieces {
  /// All bytes in one piece.
  package static let whole = Pieces(longest: .max, state: 0)

  private let longest: Int
  /// What the next length is drawn from; 0 if all are the same.
  private var state: UInt32

  private init(longest: Int, state: UInt32) {
    self.longest = longest
    self.state = state
  }

  /// Takes six bits of a byte that libFuzzer made up: five say the length of the longest piece, from 1 to 32, and
  /// the sixth whether the others differ from it.
  package init(_ selector: UInt8) {
    longest = Int(selector & 0x1F) + 1
    state = selector & 0x20 == 0 ? 0 : UInt32(selector)
  }

  /// Cuts bytes up, and hands the pieces over one after the other.
  package func cut(_ bytes: ArraySlice<UInt8>, _ body: (Span<UInt8>) -> Void) {
    var (lengths, rest) = (self, bytes)
    while !rest.isEmpty {
      let piece = Array(rest.prefix(lengths.next()))
      body(piece.span)
      rest = rest.dropFirst(piece.count)
    }
  }

  private mutating func next() -> Int {
    guard state != 0 else { return longest }
    // Marsaglia's xorshift: the same byte always means the same pieces.
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    return Int(state) % longest + 1
  }
}
