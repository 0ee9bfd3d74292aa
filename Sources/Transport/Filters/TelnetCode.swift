// SPDX-License-Identifier: GPL-3.0-or-later

/// The bytes that mean something to telnet (RFC 854).
enum TelnetCode {
  /// Begins a command; doubled it is the data byte 255.
  static let command: UInt8 = 255
  /// The sender wants the receiver not to use an option, or refuses to let it.
  static let dont: UInt8 = 254
  /// The sender wants the receiver to use an option.
  static let `do`: UInt8 = 253
  /// The sender will not use an option.
  static let wont: UInt8 = 252
  /// The sender wants to use an option.
  static let will: UInt8 = 251
  /// Begins the parameters of an option.
  static let subnegotiation: UInt8 = 250
  /// Ends them.
  static let subnegotiationEnd: UInt8 = 240
  /// Follows a CR that is no part of a line's end.
  static let null: UInt8 = 0
}
