// SPDX-License-Identifier: GPL-3.0-or-later

/// The words in which events are reported to people, where they are not those of this program.
package protocol MessageStyle: Sendable {
  /// The name that precedes messages.
  var program: String { get }
  /// The lines that report an event, with the name where it belongs; `nil` for the usual ones, which only trouble has.
  func lines(for event: Event) -> [String]?
}
