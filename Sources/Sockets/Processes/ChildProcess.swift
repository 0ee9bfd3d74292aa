// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Child processes that continue with the program's own code.
package enum ChildProcess {
  /// Which of the two processes this is.
  package enum Side {
    /// The process that called fork, with the process ID of the child.
    case parent(Int32)
    /// The new process.
    case child
  }

  /// Splits the process in two. The corresponding C function is `fork`.
  ///
  /// A process with several threads must not call this: the other threads are missing in the child, and the locks that
  /// they held stay locked. The child is killed when its parent ends, for whatever reason.
  ///
  /// - Throws: The error of `fork`: no memory, or too many processes.
  package static func fork() throws(IOFailure) -> Side {
    let parent = getpid()
    Trace.expectProcesses()
    let child = try attempting(.create("a process")) { () throws(Errno) in
      try systemCall("fork()") { Glibc.fork() }
    }
    guard child == 0 else { return .parent(child) }
    _ = try? systemCall("prctl(PR_SET_PDEATHSIG, SIGKILL)") { csockkit_end_with_parent(parent) }
    return .child
  }

  /// Closes a descriptor in the child that the parent owns: the child never releases the owning object.
  package static func close(_ descriptor: FileDescriptor) {
    let number = descriptor.rawValue
    _ = try? systemCall("close(\(number))", retrying: false) { Glibc.close(number) }
  }

  /// Moves the socket to standard input and closes every other inherited descriptor except standard error, in the child.
  /// The sockets of other processes would keep those from seeing that their parent has closed them; standard output would
  /// keep the next program of a pipeline from seeing end-of-file.
  static func keepOnly(_ socket: CInt) throws(Errno) {
    _ = try systemCall("dup2(\(socket), \(STDIN_FILENO))") { dup2(socket, STDIN_FILENO) }
    csockkit_close_from(STDERR_FILENO + 1)
    // Last, because the descriptor number that it takes may be the only free one.
    let null = try systemCall("open(\"/dev/null\", O_WRONLY)") { unsafe open("/dev/null", O_WRONLY) }
    _ = try systemCall("dup2(\(null), \(STDOUT_FILENO))") { dup2(null, STDOUT_FILENO) }
    // It is closed even if this reports an error.
    _ = try? systemCall("close(\(null))", retrying: false) { Glibc.close(null) }
  }

  /// Reaps a child that has ended. The corresponding C function is `waitpid` with `WNOHANG`.
  ///
  /// - Returns: Its process ID, and how it ended if that was not with status 0; `nil` if no child has ended.
  package static func reapAny() -> (process: Int32, ending: String?)? {
    var status: CInt = 0
    let child = try? systemCall("waitpid(-1, WNOHANG)", note: " {\(status)}") {
      unsafe waitpid(-1, &status, WNOHANG)
    }
    guard let child, child > 0 else { return nil }
    // WTERMSIG and WEXITSTATUS, which are macros.
    let signal = status & 0x7F
    if signal != 0 { return (child, "signal \(signal)") }
    let code = status >> 8 & 0xFF
    return (child, code == 0 ? nil : "status \(code)")
  }

  /// Kills a child and waits until it has ended, which takes negligible time.
  package static func kill(_ child: Int32) {
    _ = try? systemCall("kill(\(child), SIGKILL)") { Glibc.kill(child, SIGKILL) }
    _ = try? systemCall("waitpid(\(child), 0)") { waitpid(child, nil, 0) }
  }
}
