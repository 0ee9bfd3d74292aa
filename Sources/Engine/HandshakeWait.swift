// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
package import SystemPackage
package import Transport

extension ByteStream {
  /// Waits until the stream's handshake, such as that of TLS, is complete.
  ///
  /// - Parameter interruption: A descriptor that ends the wait when it is readable, such as that of signals.
  /// - Returns: Whether it is complete; `false` after an interruption.
  /// - Throws: The failure of the handshake, or a time-out.
  package func completeHandshake(
    until deadline: Deadline = .never, or interruption: FileDescriptor? = nil
  ) throws(IOFailure) -> Bool {
    // Most streams have no handshake, and need no reactor.
    guard try handshake() == .wouldBlock else { return true }
    let reactor = Reactor.forFew()
    let watch = try Watch(descriptor, in: reactor)
    let interruptionWatch = try interruption.map { (descriptor) throws(IOFailure) in
      try Watch(descriptor, for: .readable, in: reactor)
    }
    var deadline = deadline
    repeat {
      // The caller waits in any case.
      if let work = takeHandshakeWork() {
        let began = Deadline.now
        work()
        // The time is the peer's.
        deadline = deadline + began.duration(until: .now)
        continue
      }
      try watch.watch(for: interest(reading: false, writing: false))
      let isReady = try reactor.turn(until: min(deadline, self.deadline))
      _ = watch.take()
      if interruptionWatch?.take().isEmpty == false { return false }
      // The stream judges its own deadline.
      if !isReady, deadline.hasPassed { throw IOFailure(handshakeOperation, .timedOut) }
    } while try handshake() == .wouldBlock
    return true
  }
}
