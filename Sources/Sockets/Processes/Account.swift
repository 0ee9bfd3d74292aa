// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A user of the system, and a group, as `NAME`, `NAME:GROUP`, or with their numbers.
package struct Account: Equatable, Sendable, CustomStringConvertible {
  /// What the system does not know.
  package enum Unknown: Error, Equatable, CustomStringConvertible {
    /// A user.
    case user(String)
    /// A group.
    case group(String)
    /// The group of a user who is given by a number.
    case groupOfUser(String)

    /// The fact in words.
    package var description: String {
      switch self {
      case .user(let name): "there is no user '\(name)'"
      case .group(let name): "there is no group '\(name)'"
      case .groupOfUser(let number):
        "user \(number) is not in the list of users: give its group too, '\(number):GROUP'"
      }
    }
  }

  /// The name or the number, as it was given.
  package let description: String
  /// The user ID.
  package let user: UInt32
  /// The ID of the group that was given; `nil` if none was.
  package let group: UInt32?
  /// The groups of a process that runs as this user: first the one that was given, or that of the list of users, and then
  /// without a given one all that list the user. Empty for a number that is not in the list of users.
  package let processGroups: [UInt32]

  /// What the list of users says of one.
  private struct Entry {
    let name: [CChar]
    let user: UInt32
    let group: UInt32
  }

  /// Looks a user and a group up. The corresponding C functions are `getpwnam`, `getgrnam` and `getgrouplist`.
  ///
  /// - Parameter isOfProcess: Whether a process is to run as this user, which requires a group.
  package init(_ text: String, isOfProcess: Bool = false) throws(Unknown) {
    let words = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    description = text
    let number = Self.identifier(words[0])
    // A name of digits takes precedence over a number, as in chown(1).
    let entry = Self.entry(ofUser: words[0]) ?? number.flatMap(Self.entry(ofNumber:))
    guard let user = entry?.user ?? number else { throw .user(words[0]) }
    self.user = user
    if words.count == 2 {
      guard let group = Self.group(words[1]) ?? Self.identifier(words[1]) else { throw .group(words[1]) }
      self.group = group
      processGroups = [group]
    } else {
      group = nil
      processGroups = entry.map(Self.groups(of:)) ?? []
      guard !isOfProcess || !processGroups.isEmpty else { throw .groupOfUser(text) }
    }
  }

  private static let usualGroups = 32
  private static let longestEntry = 1 << 20

  /// A number that stands for a user or a group. The largest one stands for none.
  private static func identifier(_ text: String) -> UInt32? {
    guard let number = UInt32(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), number != .max
    else {
      return nil
    }
    return number
  }

  private static func groups(of entry: Entry) -> [UInt32] {
    var count = Int32(usualGroups)
    while true {
      var groups = [gid_t](repeating: 0, count: Int(count))
      let capacity = count
      if unsafe getgrouplist(entry.name, entry.group, &groups, &count) >= 0 {
        let others = groups.prefix(Int(count)).filter { $0 != entry.group }
        return [entry.group] + others
      }
      count = max(count, capacity * 2)
    }
  }

  private static func entry(ofUser name: String) -> Entry? {
    unsafe entry { user, buffer, found in
      unsafe getpwnam_r(name, &user, &buffer, buffer.count, &found)
    }
  }

  private static func entry(ofNumber number: UInt32) -> Entry? {
    unsafe entry { user, buffer, found in
      unsafe getpwuid_r(number, &user, &buffer, buffer.count, &found)
    }
  }

  private static func entry(
    _ find: (inout passwd, inout [CChar], inout UnsafeMutablePointer<passwd>?) -> CInt
  ) -> Entry? {
    var user = unsafe passwd()
    return withGrowingBuffer { buffer in
      var found: UnsafeMutablePointer<passwd>?
      let code = unsafe find(&user, &buffer, &found)
      guard code == 0, unsafe found != nil, let name = unsafe user.pw_name else { return (code, nil) }
      let characters = unsafe Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1))
      return (0, unsafe Entry(name: characters, user: user.pw_uid, group: user.pw_gid))
    }
  }

  private static func group(_ name: String) -> UInt32? {
    var group = unsafe Glibc.group()
    return withGrowingBuffer { buffer in
      var found: UnsafeMutablePointer<Glibc.group>?
      let code = unsafe getgrnam_r(name, &group, &buffer, buffer.count, &found)
      return unsafe (code, code == 0 && found != nil ? group.gr_gid : nil)
    }
  }

  /// Calls a function of the C library with a larger buffer until its entry fits.
  private static func withGrowingBuffer<Value>(_ body: (inout [CChar]) -> (code: CInt, Value?)) -> Value? {
    var size = 1 << 10
    while true {
      var buffer = [CChar](repeating: 0, count: size)
      let (code, value) = body(&buffer)
      guard code == ERANGE, size < longestEntry else { return value }
      size *= 2
    }
  }
}
