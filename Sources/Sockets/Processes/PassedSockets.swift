// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// The sockets that a service manager has opened and passed to this process, by the protocol of sd_listen_fds(3).
package struct PassedSockets: Equatable, Sendable {
  /// Their descriptors, in the order of the units.
  package let descriptors: Range<CInt>
  /// Their names, as far as the service manager has named them.
  private let names: [String]

  /// The first descriptor after the standard streams, at which the sockets begin.
  private static let first = STDERR_FILENO + 1

  /// The sockets that were passed to this process. From the first use on, they are closed when a program is executed.
  package static let current: PassedSockets = {
    let passed = PassedSockets(
      process: getpid(), atMost: DescriptorLimit.current?.soft ?? 0, ProcessEnvironment.value)
    for number in passed.descriptors { _ = try? FileDescriptor(rawValue: number).setCloseOnExec() }
    return passed
  }()

  /// Reads the variables `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`.
  ///
  /// - Parameters:
  ///   - process: The ID of this process. Variables for another process were inherited, and its sockets were not.
  ///   - limit: The limit of descriptors; a larger number of sockets is an error of the environment, and ignored.
  ///   - value: The value of a variable; `nil` if it is not set.
  package init(process: Int32, atMost limit: Int, _ value: (String) -> String?) {
    guard value("LISTEN_PID").flatMap({ Int32($0) }) == process,
      let count = value("LISTEN_FDS").flatMap({ Int32($0) }), count > 0, Int(count) <= limit
    else {
      (descriptors, names) = (Self.first..<Self.first, [])
      return
    }
    descriptors = Self.first..<Self.first + count
    names =
      value("LISTEN_FDNAMES").map { list in
        list.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
      } ?? []
  }

  /// The number of sockets.
  package var count: Int { descriptors.count }

  /// The descriptors of the sockets with a name, or all of them if it is `nil`.
  package func descriptors(named name: String?) -> [CInt] {
    descriptors.filter { name == nil || self.name(of: $0) == name }
  }

  /// The names of all sockets, each once.
  package var allNames: [String] {
    var result: [String] = []
    for name in descriptors.map(name) where !result.contains(name) { result.append(name) }
    return result
  }

  /// The name of a socket; `unknown`, as in sd_listen_fds(3), if it has none.
  private func name(of descriptor: CInt) -> String {
    let index = Int(descriptor - Self.first)
    return index < names.count && !names[index].isEmpty ? names[index] : "unknown"
  }

  /// The variables of this protocol and of those by which a service reports its state. They are for this process, and
  /// not for programs that it starts.
  package static let variables: Set<String> = [
    "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC",
    "WATCHDOG_PID",
  ]
}

extension FileDescriptor {
  /// Makes the descriptor close when a program is executed. The corresponding C function is `fcntl` with `F_SETFD`.
  func setCloseOnExec() throws(Errno) {
    _ = try systemCall("fcntl(\(rawValue), F_SETFD, FD_CLOEXEC)") { fcntl(rawValue, F_SETFD, FD_CLOEXEC) }
  }
}
