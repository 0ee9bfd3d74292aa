// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// One descriptor to wait on for several that are read from: readable while one of them is.
///
/// A single member is that descriptor itself; several are in an event queue of their own.
package struct ReadinessGroup: ~Copyable {
  /// The descriptor to wait on.
  package let number: FileDescriptor
  private let queue: EventQueue?

  /// Makes a group of at least one member; the members must outlive it or be forgotten with it.
  ///
  /// - Throws: `EMFILE` and its like, where there are several.
  package init(of members: [FileDescriptor]) throws(SystemError) {
    guard members.count > 1 else {
      number = members[0]
      queue = nil
      return
    }
    let queue = try EventQueue()
    for member in members { try queue.add(member, for: .readable) }
    number = queue.number
    self.queue = consume queue
  }

  /// Closes the group's own descriptor in a child process, where its owner does not go away.
  package func closeInChild() {
    if queue != nil { ChildProcess.close(number) }
  }
}
