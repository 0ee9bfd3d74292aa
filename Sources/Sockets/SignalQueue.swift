// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Signals as something to wait for: they are blocked and read from a descriptor (`signalfd(2)`).
///
/// A signal that was ignored when the program started, as `nohup` has it, stays ignored.
package struct SignalQueue: ~Copyable {
  private let descriptor: Descriptor
  private let mask: sigset_t

  /// Starts to collect signals in place of their default action, until the queue goes away.
  package init(_ signals: [CInt]) throws(SystemError) {
    var mask = sigset_t()
    unsafe sigemptyset(&mask)
    for signal in signals where !Self.isIgnored(signal) { unsafe sigaddset(&mask, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &mask, nil)
    self.mask = mask
    descriptor = Descriptor(
      adopting: try attempting(.create("a signal queue")) { () throws(Errno) in
        try systemCall("signalfd(-1, SFD_CLOEXEC|SFD_NONBLOCK)") { unsafe csockkit_signal_descriptor(&mask) }
      })
  }

  deinit {
    var mask = mask
    unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
  }

  /// The descriptor to wait on; readable once a signal has come.
  package var number: FileDescriptor { descriptor.number }

  /// Takes the next signal; `nil` if none has come.
  package func next() -> CInt? {
    let signal = csockkit_read_signal(descriptor.number.rawValue)
    return signal > 0 ? signal : nil
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
    var entry = pollfd(fd: descriptor.rawValue, events: CShort(POLLOUT), revents: 0)
    // Not narrated, because the narration is written in this way.
    guard unsafe poll(&entry, 1, 0) == 0 else { return body() }
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    body()
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
