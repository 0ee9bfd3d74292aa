// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// Signals that can be waited for: they are blocked and read from a descriptor (`signalfd(2)`).
///
/// A signal that was ignored when the program started, as under `nohup`, stays ignored. SIGCHLD is the exception: if it
/// is ignored, the kernel reaps children before their status can be read.
package struct SignalQueue: ~Copyable {
  private let owned: Descriptor
  private let signals: [CInt]

  /// Starts to collect signals instead of their default action, until the queue is released.
  ///
  /// - Parameter wanted: The signals among them that are collected even if they were ignored.
  package init(_ signals: [CInt], evenIfIgnored wanted: [CInt] = []) throws(IOFailure) {
    for number in signals where number == SIGCHLD || wanted.contains(number) { signal(number, SIG_DFL) }
    self.signals = signals.filter { !Self.isIgnored($0) }
    var mask = Self.mask(of: self.signals)
    let names = self.signals.map(ProcessSignals.name).joined(separator: " ")
    unsafe pthread_sigmask(SIG_BLOCK, &mask, nil)
    owned = Descriptor(
      adopting: try attempting(.create("a signal queue")) { () throws(Errno) in
        try systemCall("signalfd(-1, {\(names)}, SFD_CLOEXEC|SFD_NONBLOCK)") {
          unsafe csockkit_signal_descriptor(&mask)
        }
      })
  }

  deinit {
    var mask = Self.mask(of: signals)
    unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
  }

  /// The descriptor to wait on; readable once a signal has arrived.
  package var descriptor: FileDescriptor { owned.number }

  /// Takes the next signal; `nil` if none has arrived.
  package func next() -> CInt? {
    let number = owned.number.rawValue
    // The size of a signalfd_siginfo.
    let size: CInt = 128
    var signal: CInt = 0
    let isTaken = try? systemCall(
      "read(\(number), \(size))", note: " {\(ProcessSignals.name(of: signal))}", returned: { _ in size }
    ) {
      signal = csockkit_read_signal(number)
      return signal
    }
    return isTaken == nil ? nil : signal
  }

  /// Ignores all signals of the queue from here on, and those that are pending: the program is about to end with its
  /// own status.
  package func ignore() {
    for number in signals { signal(number, SIG_IGN) }
  }

  /// Ignores one signal from here on, while the others are still collected.
  package func ignore(_ number: CInt) {
    signal(number, SIG_IGN)
    // A blocked signal would stay pending until it is unblocked, even if it is ignored.
    var mask = Self.mask(of: [number])
    unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
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
