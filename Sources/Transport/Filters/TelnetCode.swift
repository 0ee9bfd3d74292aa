// SPDX-License-Identifier: GPL-3.0-or-later

/// The bytes with a meaning in telnet (RFC 854).
enum TelnetCode {
  /// Starts a command; doubled, it is the data byte 255.
  static let command: UInt8 = 255
  /// Demands that the receiver does not use an option, or refuses its use.
  static let dont: UInt8 = 254
  /// Requests that the receiver uses an option.
  static let `do`: UInt8 = 253
  /// Refuses to use an option.
  static let wont: UInt8 = 252
  /// Offers to use an option.
  static let will: UInt8 = 251
  /// Starts the parameters of an option.
  static let subnegotiation: UInt8 = 250
  /// Ends the parameters of an option.
  static let subnegotiationEnd: UInt8 = 240
  /// Follows a CR that is not part of a line ending.
  static let null: UInt8 = 0
}
