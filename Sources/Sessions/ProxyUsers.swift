// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
package import HTTP
package import Handshakes
import TLS

/// Who may use a proxy.
package enum ProxyUsers: Sendable {
  /// The users of a file, which has the hashes of their passwords.
  case file(UserFile)
  /// Users whose passwords are known, so that they need not be sent: with the Digest scheme, unless this system has no
  /// hash functions for it.
  case known(UserList, DigestAuthority?)

  /// One user, whose password is known.
  ///
  /// - Parameter realm: The name of what the password is for, without quotes and backslashes.
  package static func one(_ user: UserCredentials, realm: String) -> ProxyUsers {
    let digest = DigestAuthority(realm: realm) { function, bytes in
      try? OpenSSL.hash(bytes, by: function.rawValue)
    }
    return .known(UserList(user: Array(user.user.utf8), password: Array(user.password.utf8)), digest)
  }

  /// The users.
  var list: UserList {
    switch self {
    case .file(let file): file.list
    case .known(let list, _): list
    }
  }

  /// The server's side of the Digest scheme; `nil` if it is not offered.
  var digest: DigestAuthority? { if case .known(_, let digest) = self { digest } else { nil } }

  /// Reads the file again; `nil` if there is none.
  var reload: ReloadedFiles? { if case .file(let file) = self { file.reloaded } else { nil } }
}
