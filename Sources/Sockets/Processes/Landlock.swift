// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Rules of Landlock, which leave a thread and all that it starts no rights to files and TCP ports but these.
///
/// A right that the kernel's version does not know is not taken away. See `landlock(7)`.
package struct Landlock: ~Copyable {
  /// What may be done with a file, or with a directory and all below it.
  package enum FileRight: Sendable {
    /// Read it, and list a directory.
    case read
    /// Read and write it, without creating or removing files.
    case write
    /// Read and write it, and create, replace and remove files in a directory.
    case replace
    /// Remove files from it.
    case remove

    fileprivate var bits: UInt64 {
      let read = CSOCKKIT_READ_FILE.rawValue | CSOCKKIT_READ_DIRECTORY.rawValue
      let write =
        read | CSOCKKIT_WRITE_FILE.rawValue | CSOCKKIT_TRUNCATE.rawValue | CSOCKKIT_CONTROL_DEVICE.rawValue
      let replace =
        write | CSOCKKIT_REMOVE_FILE.rawValue | CSOCKKIT_MAKE_FILE.rawValue | CSOCKKIT_MAKE_SOCKET.rawValue
        | CSOCKKIT_REFER.rawValue
      return switch self {
      case .read: UInt64(read)
      case .write: UInt64(write)
      case .replace: UInt64(replace)
      case .remove: UInt64(CSOCKKIT_REMOVE_FILE.rawValue)
      }
    }
  }

  /// The processes that may not be reached, as far as the kernel's version can tell.
  package enum Scope: Sendable {
    /// None.
    case none
    /// Signals to processes outside.
    case signals
    /// Those, and the abstract Unix sockets of processes outside.
    case signalsAndSockets
  }

  /// The version of the kernel's interface.
  package let version: Int
  /// The descriptor of the rules. Its calls are not about sockets either, and no trace shows them.
  private let rules: CInt

  /// The version that knows TCP ports.
  private static let versionOfPorts = 4

  /// Creates rules that allow nothing.
  ///
  /// - Parameters:
  ///   - allowsConnecting: Whether connections to all TCP ports stay allowed.
  ///   - allowsBinding: Whether all TCP ports may still be bound.
  /// - Throws: `ENOSYS` if the kernel has no Landlock, `EOPNOTSUPP` if it is off, `EPERM` if a container forbids it.
  package init(allowsConnecting: Bool, allowsBinding: Bool, scope: Scope) throws(Errno) {
    let version = Int(try Self.call { csockkit_landlock_version() })
    let ports =
      (allowsConnecting ? 0 : CSOCKKIT_CONNECT.rawValue) | (allowsBinding ? 0 : CSOCKKIT_BIND.rawValue)
    let number = try Self.call {
      csockkit_landlock_create(CInt(version), UInt64(ports), scope != .none, scope == .signalsAndSockets)
    }
    self.version = version
    rules = number
  }

  deinit { Glibc.close(rules) }

  /// Allows a right to a file, or to a directory and all below it. A path that does not exist is left out.
  ///
  /// - Throws: `ENOMEM` and similar errors, after which what is needed would be out of reach. So do the others.
  package func allow(_ right: FileRight, to path: String) throws(Errno) {
    let bytes = ByteText.terminated(path)
    _ = try Self.call { unsafe csockkit_landlock_allow_path(rules, CInt(version), bytes, right.bits) }
  }

  /// Allows a right to an open file, as above.
  package func allow(_ right: FileRight, to file: FileDescriptor) throws(Errno) {
    _ = try Self.call { csockkit_landlock_allow_file(rules, CInt(version), file.rawValue, right.bits) }
  }

  /// Allows to read the directories of the libraries that are loaded, where those that are loaded later are, too.
  package func allowLibraries() throws(Errno) {
    _ = try Self.call { csockkit_landlock_allow_libraries(rules, CInt(version), FileRight.read.bits) }
  }

  /// Allows connections to a TCP port, unless they are allowed to all.
  package func allowConnecting(to port: UInt16) throws(Errno) { try allow(CSOCKKIT_CONNECT, at: port) }

  /// Allows to bind a TCP port, unless all may be bound; port 0 stands for one that the kernel chooses.
  package func allowBinding(_ port: UInt16) throws(Errno) { try allow(CSOCKKIT_BIND, at: port) }

  private func allow(_ right: csockkit_port_right, at port: UInt16) throws(Errno) {
    guard version >= Self.versionOfPorts else { return }
    _ = try Self.call { csockkit_landlock_allow_port(rules, port, UInt64(right.rawValue)) }
  }

  /// Restricts this thread, and those that it starts, for good. The corresponding call is `landlock_restrict_self`.
  ///
  /// No program gets new privileges from then on, which the kernel requires.
  ///
  /// - Throws: `E2BIG` behind sixteen others.
  package func restrict() throws(Errno) {
    _ = try Self.call { csockkit_forbid_new_privileges() }
    _ = try Self.call { csockkit_landlock_restrict(rules) }
  }

  /// Makes a call that a trace, which is about sockets, does not show.
  private static func call(_ body: () -> CInt) throws(Errno) -> CInt {
    let result = body()
    guard result >= 0 else { throw Errno(rawValue: errno) }
    return result
  }
}
