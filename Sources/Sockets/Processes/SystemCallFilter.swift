// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// A filter of seccomp, which refuses system calls in all threads, and in all processes that are started. Refused calls fail
/// with `EPERM`. A call has to pass all filters of a process, so that a further one only has to refuse more.
package struct SystemCallFilter: Equatable, Sendable {
  /// Whether the calls of administrators and debuggers are allowed, those that reach more of the kernel than sockets do
  /// (`ptrace`, `mount`, `bpf`, `io_uring_setup` and the like), and those that run programs, which end the process otherwise.
  package var allowsAdministration = false
  /// Whether the modes, owners, times and extended attributes of files may be changed by their paths, which Landlock does not
  /// know.
  package var allowsAttributes = true
  /// Whether sockets of Multipath TCP may be created, for which rules about ports do not count.
  package var allowsMultipath = true
  /// Whether sockets may be bound, and may listen.
  package var allowsBinding = true
  /// Whether sockets may be connected.
  package var allowsConnecting = true
  /// The families of sockets that may be created.
  package var families: Set<SocketFamily> = []

  /// A family of sockets, which includes more than those of addresses.
  package enum SocketFamily: Sendable, CaseIterable {
    /// IPv4 and IPv6.
    case internet
    /// Unix sockets.
    case unix
    /// The kernel's tables of addresses, routes and interfaces.
    case netlink
    /// Sockets between virtual machines.
    case vsock

    fileprivate var bits: UInt64 {
      switch self {
      case .internet: 1 << UInt64(AF_INET) | 1 << UInt64(AF_INET6)
      case .unix: 1 << UInt64(AF_UNIX)
      case .netlink: 1 << UInt64(AF_NETLINK)
      case .vsock: 1 << UInt64(AF_VSOCK)
      }
    }
  }

  /// Creates a filter that allows sockets of no family.
  package init() {}

  /// Has all threads filtered, for good. No program gets new privileges from then on, which the kernel requires. The
  /// corresponding C function is `seccomp`.
  ///
  /// - Throws: `ENOSYS` or `EINVAL` if the kernel has no filters, `ESRCH` if a thread has
  ///   another filter.
  package func install() throws(Errno) {
    var filter = csockkit_call_filter(
      refuses_administration: !allowsAdministration, refuses_attributes: !allowsAttributes,
      allows_multipath: allowsMultipath,
      refuses_binding: !allowsBinding, refuses_connecting: !allowsConnecting,
      families: families.reduce(0) { $0 | $1.bits })
    try Self.install { unsafe csockkit_filter_calls(&filter) }
  }

  /// Leaves this process, in which one connection is served, only the calls that this takes, for good: any other ends it with
  /// SIGSYS.
  ///
  /// - Parameter servesFiles: Whether files are opened, read and written by their paths.
  /// - Throws: As `install`.
  package static func confineWorker(servesFiles: Bool) throws(Errno) {
    try install { csockkit_filter_worker(servesFiles) }
  }

  private static func install(_ call: () -> CInt) throws(Errno) {
    guard csockkit_forbid_new_privileges() == 0 else { throw Errno(rawValue: errno) }
    let result = call()
    guard result != -1 else { throw Errno(rawValue: errno) }
    guard result == 0 else { throw .noSuchProcess }
  }
}
