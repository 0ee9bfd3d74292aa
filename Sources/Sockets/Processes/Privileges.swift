// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import SystemPackage

/// What a server gives up once its sockets are open and its keys are read.
package struct Privileges: Sendable {
  /// The user that the process becomes, with its groups; `nil` to remain the same.
  package var account: Account?
  /// The directory that becomes the root of the file system; `nil` to keep it.
  package var root: String?
  /// Whether the programs that are run may get privileges that this process lacks, such as those of `sudo`.
  package var allowsNewPrivileges = false
  /// The capabilities that a process which is not root keeps, because it needs them for each connection.
  package var kept: [Capability] = []
  /// Whether other files can be read from then on than before.
  package var changesFiles: Bool { account != nil || root != nil }

  /// Creates the default: a process that is not root gives up its capabilities, and no program gets new privileges.
  package init() {}

  /// Gives them up, for good. It must be called before there are other threads: the kernel keeps capabilities for each.
  ///
  /// - Returns: Who the process is from then on; `nil` if it has not changed.
  /// - Throws: `EPERM` for a process that is not root, or the error of the directory.
  package func drop() throws(IOFailure) -> Account? {
    if let root { try Self.enter(root) }
    if let account { try Self.become(account) }
    try dropCapabilities()
    if !allowsNewPrivileges { try Self.forbidNewPrivileges() }
    return account
  }

  /// Keeps the programs that are run from getting privileges that this process lacks. The corresponding C function is
  /// `prctl` with `PR_SET_NO_NEW_PRIVS`.
  package static func forbidNewPrivileges() throws(IOFailure) {
    try attempting(.set("no_new_privs")) { () throws(Errno) in
      _ = try systemCall("prctl(PR_SET_NO_NEW_PRIVS, 1)") { csockkit_forbid_new_privileges() }
    }
  }

  private static func enter(_ directory: String) throws(IOFailure) {
    let path = ByteText.terminated(directory)
    try attempting(.read(directory)) { () throws(Errno) in
      _ = try systemCall("chdir(\"\(directory)\")") { unsafe chdir(path) }
    }
    try attempting(.set("root directory \(directory)")) { () throws(Errno) in
      // The working directory would otherwise lead out again.
      _ = try systemCall("chroot(\".\")") { unsafe chroot(".") }
    }
  }

  private static func become(_ account: Account) throws(IOFailure) {
    let operation = Operation.set("user \(account)")
    let (user, groups) = (account.user, account.processGroups)
    let group = groups[0]
    try attempting(operation) { () throws(Errno) in
      _ = try systemCall("setgroups(\(groups.count), \(groups))") { unsafe setgroups(groups.count, groups) }
      _ = try systemCall("setresgid(\(group), \(group), \(group))") { csockkit_set_group(group) }
      _ = try systemCall("setresuid(\(user), \(user), \(user))") { csockkit_set_user(user) }
    }
    // There must be no way back.
    guard csockkit_is_user(user, group), user == 0 || csockkit_set_user(0) != 0 else {
      throw IOFailure(operation, .notPermitted)
    }
  }

  /// The capabilities of root stay with a process that remains root: without them it could not read its files.
  private func dropCapabilities() throws(IOFailure) {
    guard geteuid() != 0 else { return }
    try attempting(.set("capabilities")) { () throws(Errno) in
      var permitted: UInt64 = 0
      _ = try systemCall("capget()") { unsafe csockkit_capabilities(&permitted) }
      let mask = kept.reduce(0) { $0 | UInt64(1) << UInt64($1.rawValue) } & permitted
      guard permitted != mask else { return }
      _ = try systemCall("capset()") { csockkit_limit_capabilities(mask) }
    }
  }
}
