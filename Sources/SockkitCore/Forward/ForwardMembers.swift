// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Whose descriptors a loop watches, and what for.
struct ForwardMembers: ~Copyable {
  /// What a descriptor is to its connection.
  enum Role {
    /// The socket of one side.
    case side(ForwardedConnection.Side)
    /// An attempt to connect to the target.
    case attempt
  }

  /// One descriptor.
  struct Member {
    /// Whose it is.
    let connection: ForwardedConnection
    /// What it is.
    let role: Role
    /// What is watched for; `nil` if it is not in the queue.
    fileprivate var interest: Readiness?
  }

  /// The queue, in which a loop watches other things too.
  var queue: EventQueue
  /// The members by the numbers of their descriptors, which are small and dense.
  private var members: [Member?] = []
  /// How many connections there are.
  private(set) var count = 0

  /// - Throws: `EMFILE` and its like.
  init() throws(SystemError) { queue = try EventQueue() }

  /// Whose a descriptor is; `nil` if no connection's.
  func member(_ descriptor: FileDescriptor) -> Member? {
    let index = Int(descriptor.rawValue)
    return members.indices.contains(index) ? members[index] : nil
  }

  /// Where connections may be found, with `connection(at:)`.
  var slots: Range<Int> { members.indices }

  /// The connection whose client has this descriptor.
  func connection(at slot: Int) -> ForwardedConnection? {
    guard let member = members[slot], case .side(.client) = member.role else { return nil }
    return member.connection
  }

  /// Takes a client in, of whom nothing is wanted yet.
  mutating func add(_ connection: ForwardedConnection) {
    set(Member(connection: connection, role: .side(.client), interest: nil), at: connection.clientNumber)
    count += 1
  }

  /// Watches for the outcome of an attempt.
  mutating func addAttempt(_ number: FileDescriptor, of connection: ForwardedConnection) throws(SystemError) {
    try queue.add(number, for: .writable)
    set(Member(connection: connection, role: .attempt, interest: .writable), at: number)
  }

  /// Takes a connection to the target in, which may have been an attempt.
  mutating func addTarget(_ number: FileDescriptor, of connection: ForwardedConnection) {
    let interest = member(number)?.interest
    set(Member(connection: connection, role: .side(.target), interest: interest), at: number)
  }

  /// Forgets attempts, which are about to be closed.
  mutating func removeAttempts(_ numbers: [FileDescriptor], of connection: ForwardedConnection) {
    for number in numbers {
      // Another one may have the number by now.
      guard let member = member(number), case .attempt = member.role, member.connection === connection else {
        continue
      }
      set(nil, at: number)
    }
  }

  /// Forgets a connection; letting go of it closes the descriptors, which takes them out of the queue.
  mutating func remove(_ connection: ForwardedConnection) {
    if let number = connection.targetNumber { set(nil, at: number) }
    set(nil, at: connection.clientNumber)
    count -= 1
  }

  // MARK: Waiting

  /// Has the queue watch for what a connection wants.
  mutating func settle(_ connection: ForwardedConnection) throws(SystemError) {
    try settle(connection.clientNumber, for: connection.interest(in: .client))
    if let number = connection.targetNumber { try settle(number, for: connection.interest(in: .target)) }
  }

  private mutating func settle(_ number: FileDescriptor, for wanted: Readiness) throws(SystemError) {
    let current = member(number)?.interest
    guard wanted != current ?? [] else { return }
    if current != nil { try queue.change(number, to: wanted) } else { try queue.add(number, for: wanted) }
    members[Int(number.rawValue)]?.interest = wanted
  }

  /// Watches a descriptor no longer that has nothing to say but a hang-up, which would be reported again and again.
  mutating func silence(_ number: FileDescriptor) throws(SystemError) {
    guard member(number)?.interest?.isEmpty == true else { return }
    try queue.remove(number)
    members[Int(number.rawValue)]?.interest = nil
  }

  private mutating func set(_ member: Member?, at descriptor: FileDescriptor) {
    let index = Int(descriptor.rawValue)
    if index >= members.count {
      members.append(contentsOf: repeatElement(nil, count: index + 1 - members.count))
    }
    members[index] = member
  }
}
