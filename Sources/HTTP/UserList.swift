// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import Text

/// The users who may use a server, with the hashes of their passwords, or with the passwords themselves.
package final class UserList: Sendable {
  /// Why a list of users is refused.
  package struct Fault: Error, Equatable {
    /// The number of the line, from 1.
    package let line: Int
    /// What is wrong with it, without what it contains.
    package let reason: String
  }

  /// What is known of a password.
  private enum Secret {
    case hash(PasswordHash)
    case password([UInt8])

    func isOf(_ password: [UInt8]) -> Bool {
      switch self {
      case .hash(let hash): hash.isHash(of: password)
      case .password(let own): ConstantTime.areEqual(own, password)
      }
    }
  }

  /// The content of a file.
  private struct Content {
    let secrets: [[UInt8]: Secret]
    /// Verified for an unknown user, so that the response time does not reveal which names exist.
    let decoy: Secret
  }

  private let content: Guarded<Content>
  private let verified = Guarded<[Verified]>([])
  /// Held while a password is verified: one at a time, because a hash can take much memory.
  private let turn = Guarded<Void>(())

  /// Credentials that were right a short time ago.
  private struct Verified {
    let credentials: BasicCredentials
    let end: Deadline
  }

  /// The time for which credentials are not verified again: browsers send them with every request.
  private static let memory = Duration.seconds(60)
  /// The maximum number of credentials that are remembered.
  private static let most = 100

  /// Parses the lines of a file, each `USER:HASH`, with a hash as in `crypt(5)`; empty lines and those that begin with
  /// `#` are skipped.
  package init(_ content: [UInt8]) throws(Fault) { self.content = Guarded(try Self.parse(content)) }

  /// Creates a list of one user.
  package init(user: [UInt8], password: [UInt8]) {
    content = Guarded(Content(secrets: [user: .password(password)], decoy: .password(password)))
  }

  /// The password of a user; `nil` if there is no such user, or only the hash is known.
  package func password(of user: [UInt8]) -> [UInt8]? {
    content.withLock { content in
      if case .password(let password)? = content.secrets[user] { password } else { nil }
    }
  }

  /// Replaces the users by those of another content, for new connections; an invalid content changes nothing.
  ///
  /// - Returns: The number of users.
  package func replace(by bytes: [UInt8]) throws(Fault) -> Int {
    let new = try Self.parse(bytes)
    content.withLock { $0 = new }
    verified.withLock { $0 = [] }
    return new.secrets.count
  }

  private static func parse(_ content: [UInt8]) throws(Fault) -> Content {
    var secrets: [[UInt8]: Secret] = [:]
    var (number, last) = (0, Secret?.none)
    for line in content.split(separator: ASCII.lineFeed, omittingEmptySubsequences: false) {
      number += 1
      let text = line.last == ASCII.carriageReturn ? line.dropLast() : line
      guard let first = text.first, first != UInt8(ascii: "#") else { continue }
      guard let colon = text.firstIndex(of: UInt8(ascii: ":")), colon > text.startIndex else {
        throw Fault(line: number, reason: "not USER:HASH")
      }
      guard let hash = PasswordHash(text[(colon + 1)...]) else {
        throw Fault(
          line: number,
          reason: "not a hash of crypt(3) ('openssl passwd -6' and 'mkpasswd' make them)")
      }
      guard secrets.updateValue(.hash(hash), forKey: Array(text[..<colon])) == nil else {
        throw Fault(line: number, reason: "a second line for the same user")
      }
      last = .hash(hash)
    }
    guard let last else { throw Fault(line: number, reason: "the file has no user") }
    return Content(secrets: secrets, decoy: last)
  }

  /// Whether credentials were verified a short time ago.
  func remembers(_ credentials: BasicCredentials) -> Bool {
    verified.withLock { verified in
      verified.removeAll { $0.end.hasPassed }
      return verified.reduce(false) { found, known in
        let isUser = ConstantTime.areEqual(known.credentials.user, credentials.user)
        let isPassword = ConstantTime.areEqual(known.credentials.password, credentials.password)
        return found || isUser && isPassword
      }
    }
  }

  /// Verifies credentials, which takes long.
  func verify(_ credentials: BasicCredentials) -> Bool {
    turn.withLock { _ in
      // Another connection may have been faster.
      if remembers(credentials) { return true }
      let content = content.withLock { $0 }
      let secret = content.secrets[credentials.user]
      guard (secret ?? content.decoy).isOf(credentials.password), secret != nil else { return false }
      verified.withLock { verified in
        if verified.count == Self.most { verified.removeFirst() }
        verified.append(Verified(credentials: credentials, end: .after(Self.memory)))
      }
      return true
    }
  }
}

/// The verification of a peer's credentials, which another thread may perform.
package final class UserVerification: Sendable, Equatable {
  private let users: UserList
  private let credentials: BasicCredentials
  private let outcome: Guarded<Bool?>

  /// Prepares a verification, which is complete at once if these credentials were verified a short time ago.
  package init(of credentials: BasicCredentials, among users: UserList) {
    self.users = users
    self.credentials = credentials
    outcome = Guarded(users.remembers(credentials) ? true : nil)
  }

  /// Verifies the credentials, which takes long.
  package func perform() {
    let isGranted = users.verify(credentials)
    outcome.withLock { $0 = isGranted }
  }

  /// Whether the credentials are right; `nil` until they are verified.
  package var isGranted: Bool? { outcome.withLock { $0 } }

  /// Whether two references are to the same verification.
  package static func == (left: UserVerification, right: UserVerification) -> Bool { left === right }
}
