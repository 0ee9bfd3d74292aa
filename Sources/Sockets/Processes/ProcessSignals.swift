// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// What the process does about signals as a whole.
package enum ProcessSignals {
  /// Makes a write to a broken pipe or connection an error, because `sendfile` and `splice` have no
  /// `MSG_NOSIGNAL`.
  package static func ignoreBrokenPipe() { signal(SIGPIPE, SIG_IGN) }

  /// Lets signals have their default action while something blocks on a descriptor that takes nothing more:
  /// whoever collects them is not there to look.
  package static func interruptibly(writingTo descriptor: FileDescriptor, _ body: () -> Void) {
    guard !descriptor.takesBytes(within: .zero) else { return body() }
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    body()
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// The signals whose default action ends the process and that somebody may send: not those of faults, which
  /// come from the instruction that is carried out and cannot be waited for.
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

  /// Has children wait to be collected where whoever started the program had them vanish.
  package static func keepChildren() { signal(SIGCHLD, SIG_DFL) }

  /// Stops the process by a signal's default action, and returns when it goes on.
  ///
  /// The kernel discards such a signal where nobody could have the process go on, which `SIGSTOP` would not heed: in
  /// a process group without a parent in its session, as where a terminal runs a command and no shell.
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
