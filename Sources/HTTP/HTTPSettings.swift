// SPDX-License-Identifier: GPL-3.0-or-later

/// How a web server answers, whatever its content.
package struct HTTPSettings: Sendable {
  /// The limits of a client's requests.
  package var limits: HTTPLimits
  /// The header fields that are added to every answer.
  package var fields: [HTTPAddedField] = []
  /// Whether pages of other sites may read the answers.
  package var isShared = false
  /// The users who may send requests; `nil` if everybody may.
  package var users: UserList?

  /// Creates settings that add nothing.
  package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

  /// The lines of the header of every answer, each with its end.
  var addedLines: String {
    let added = fields.map { ($0.name, $0.value) } + (isShared ? CrossOrigin.grants : [])
    return added.map { "\($0): \($1)\r\n" }.joined()
  }
}
