// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// The process-wide handling of signals.
package enum ProcessSignals {
  /// Makes a write to a broken pipe or connection an error, because `sendfile` and `splice` have no
  /// `MSG_NOSIGNAL`.
  package static func ignoreBrokenPipe() { signal(SIGPIPE, SIG_IGN) }

  /// Makes a write beyond the limit of a file's size an error (`EFBIG`).
  package static func ignoreFileSizeLimit() { signal(SIGXFSZ, SIG_IGN) }

  /// Restores the default action of signals while `body` blocks on a descriptor that accepts no more bytes: the signal
  /// queue is not read meanwhile.
  package static func interruptibly(writingTo descriptor: FileDescriptor, _ body: () -> Void) {
    guard !descriptor.takesBytes(within: .zero) else { return body() }
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    body()
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// The signals whose default action ends the process and that another process may send. The signals of faults are
  /// left out: they are raised by the instruction being executed and cannot be waited for.
  package static var ending: [CInt] {
    [
      SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM,
      SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR,
    ] + (__libc_current_sigrtmin()...__libc_current_sigrtmax())
  }

  /// A signal as C names it, such as `SIGHUP`.
  package static func name(of signal: CInt) -> String {
    unsafe csockkit_signal_name(signal).map { unsafe "SIG" + String(cString: $0) } ?? "signal \(signal)"
  }

  /// Keeps ended children until they are reaped, even if the parent process set SIGCHLD to be ignored.
  package static func keepChildren() { signal(SIGCHLD, SIG_DFL) }

  /// Stops the process by a signal's default action, and returns when it is continued.
  ///
  /// The kernel discards such a signal, but not `SIGSTOP`, if no process could continue this one: in an orphaned
  /// process group, as where a terminal runs a command without a shell.
  package static func stop(by number: CInt) {
    var mask = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&mask)
    unsafe sigaddset(&mask, number)
    raise(number)
    unsafe pthread_sigmask(SIG_UNBLOCK, &mask, &before)
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// Ends the process by a signal's default action, so that a shell sees which one it was.
  package static func die(by number: CInt) -> Never {
    signal(number, SIG_DFL)
    var mask = sigset_t()
    unsafe sigemptyset(&mask)
    unsafe sigaddset(&mask, number)
    unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    raise(number)
    exit(128 + number)
  }
}
