// SPDX-License-Identifier: GPL-3.0-or-later

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
    while try handshake() == .wouldBlock {
      var descriptors = PollSet()
      descriptors.add(descriptor, for: interest(reading: false, writing: false))
      if let interruption { descriptors.add(interruption, for: .readable) }
      let isReady = try descriptors.wait(until: min(deadline, self.deadline))
      if interruption != nil, !descriptors.readiness(1).isEmpty { return false }
      // The stream judges its own deadline.
      if !isReady, deadline.hasPassed { throw IOFailure(.secure(with: name), .timedOut) }
    }
    return true
  }
}
