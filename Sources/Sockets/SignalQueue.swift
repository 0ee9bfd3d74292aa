// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Signals as something to wait for: they are blocked and read from a descriptor (`signalfd(2)`).
///
/// A signal that was ignored when the program started, as `nohup` has it, stays ignored; but for SIGCHLD, without which
/// the kernel reaps children before anybody learns of it.
package struct SignalQueue: ~Copyable {
  private let descriptor: Descriptor
  private let signals: [CInt]

  /// Starts to collect signals in place of their default action, until the queue goes away.
  package init(_ signals: [CInt]) throws(SystemError) {
    if signals.contains(SIGCHLD) { signal(SIGCHLD, SIG_DFL) }
    self.signals = signals.filter { !Self.isIgnored($0) }
    var mask = Self.mask(of: self.signals)
    unsafe pthread_sigmask(SIG_BLOCK, &mask, nil)
    descriptor = Descriptor(
      adopting: try attempting(.create("a signal queue")) { () throws(Errno) in
        try systemCall("signalfd(-1, SFD_CLOEXEC|SFD_NONBLOCK)") { unsafe csockkit_signal_descriptor(&mask) }
      })
  }

  deinit {
    var mask = Self.mask(of: signals)
    unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
  }

  /// The descriptor to wait on; readable once a signal has come.
  package var number: FileDescriptor { descriptor.number }

  /// Takes the next signal; `nil` if none has come.
  package func next() -> CInt? {
    let signal = csockkit_read_signal(descriptor.number.rawValue)
    return signal > 0 ? signal : nil
  }

  /// Makes nothing of signals that come from here on, or have come: the program is about to end, and as it wants to.
  package func ignore() {
    for number in signals { signal(number, SIG_IGN) }
  }

  private static func mask(of signals: [CInt]) -> sigset_t {
    var mask = sigset_t()
    unsafe sigemptyset(&mask)
    for signal in signals { unsafe sigaddset(&mask, signal) }
    return mask
  }

  private static func isIgnored(_ signal: CInt) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
    let handler = unsafe action.__sigaction_handler.sa_handler
    return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

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

extension FileDescriptor {
  /// Waits until a write is taken, or fails, without waiting: up to 4,096 bytes where it is a pipe (`PIPE_BUF`).
  ///
  /// - Returns: Whether it is, in this time.
  package func takesBytes(within patience: Duration) -> Bool {
    var entry = pollfd(fd: rawValue, events: CShort(POLLOUT), revents: 0)
    // Not narrated, because it is asked before the narration is written.
    return unsafe poll(&entry, 1, CInt(clamping: Int(patience.seconds * 1000))) != 0
  }
}
