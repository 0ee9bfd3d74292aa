// SPDX-License-Identifier: GPL-3.0-or-later

/// A protocol that begins in plain and changes to TLS on request.
package enum StartTLSProtocol: String, CaseIterable, Sendable {
  /// RFC 3207.
  case smtp
  /// RFC 2033: SMTP with another greeting.
  case lmtp
  /// RFC 9051.
  case imap
  /// RFC 2595.
  case pop3
  /// RFC 4217.
  case ftp
  /// RFC 6120, as a client.
  case xmpp
  /// RFC 4511.
  case ldap
  /// PostgreSQL's own protocol.
  case postgres
  /// The protocol of MySQL and MariaDB.
  case mysql
  /// RFC 4642.
  case nntp
  /// RFC 5804, ManageSieve.
  case sieve
  /// IRC, with the command of IRCv3.
  case irc

  /// The name for messages.
  var title: String {
    switch self {
    case .postgres: "PostgreSQL"
    case .mysql: "MySQL"
    case .sieve: "ManageSieve"
    default: rawValue.uppercased()
    }
  }
}
