// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// Sockets to wait for together, however many: `epoll(7)`, level-triggered.
package struct EventQueue: ~Copyable {
  private let descriptor: Descriptor

  /// - Throws: `EMFILE` and its like.
  package init() throws(SystemError) {
    descriptor = Descriptor(
      adopting: try attempting(.create("an event queue")) { () throws(Errno) in
        try systemCall("epoll_create1(EPOLL_CLOEXEC)") { csockkit_epoll_create() }
      })
  }

  /// Watches one more descriptor; closing the descriptor removes it.
  package func add(_ member: FileDescriptor, for interest: Readiness) throws(SystemError) {
    let (queue, number) = (descriptor.number.rawValue, member.rawValue)
    let isForReading = interest.contains(.readable)
    let isForWriting = interest.contains(.writable)
    _ = try attempting(.wait) { () throws(Errno) in
      try systemCall("epoll_ctl(\(queue), EPOLL_CTL_ADD, \(number))") {
        csockkit_epoll_add(queue, number, isForReading, isForWriting)
      }
    }
  }

  /// Waits until descriptors are ready or the deadline has come.
  ///
  /// - Returns: The ready ones, at most 64 at a time; none when the deadline has come.
  package func wait(until deadline: Deadline) throws(SystemError) -> [FileDescriptor] {
    let queue = descriptor.number.rawValue
    var ready = [CInt](repeating: -1, count: 64)
    while true {
      let timeout = deadline.pollTimeout
      do {
        let count = try systemCall("epoll_wait(\(queue), \(ready.count), \(timeout))", retrying: false) {
          unsafe csockkit_epoll_wait(queue, &ready, CInt(ready.count), timeout)
        }
        if count > 0 || deadline.hasPassed {
          return ready.prefix(Int(count)).map(FileDescriptor.init(rawValue:))
        }
      } catch .interrupted {
        continue
      } catch {
        throw SystemError(.wait, error)
      }
    }
  }
}
