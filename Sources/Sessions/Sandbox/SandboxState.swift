// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// Which parts of a sandbox are in force.
package struct SandboxState: Sendable, CustomStringConvertible {
  /// The version of Landlock, or why it is not there.
  package var landlock = Result<Int, Errno>.failure(.noFunction)
  /// Why system calls are not filtered; `nil` if they are.
  package var missingFilter: Errno?

  /// What Landlock restricts, and since which version.
  private static let versions = [("files", 1), ("ports", 4), ("signals", 6)]

  /// What is in force, and what is missing, in words.
  package var description: String {
    var parts: [String] = []
    if case .success(let version) = landlock {
      let known = Self.versions.filter { $0.1 <= version }.map(\.0)
      parts.append("Landlock \(version) (\(known.joined(separator: ", ")))")
    }
    if missingFilter == nil { parts.append("seccomp (system calls)") }
    if let lack { parts.append("without \(lack)") }
    return parts.joined(separator: ", ")
  }

  /// What is missing, in words; `nil` if everything is in force.
  package var lack: String? {
    var parts: [String] = []
    switch landlock {
    case .success(let version):
      parts += Self.versions.filter { $0.1 > version }.map { "\($0.0): they need Landlock \($0.1)" }
    case .failure(let error): parts.append("Landlock: \(error)")
    }
    if let missingFilter { parts.append("seccomp: \(missingFilter)") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
