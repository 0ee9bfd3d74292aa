// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// The registration of a standard stream with a reactor.
struct StreamWatch {
  private var registration: Registration?
  private static let pause = Duration.milliseconds(20)

  /// Whether the stream is always ready, as files and `/dev/null` are; valid once it has been watched.
  var isAlwaysReady: Bool { registration?.isAlwaysReady == true }

  /// Changes the interest; `nil` for nothing at all.
  mutating func set(
    _ interest: Readiness?, of descriptor: FileDescriptor, in reactor: Reactor, _ handler: any ReactorHandler
  ) throws(IOFailure) {
    while true {
      do {
        if registration == nil { registration = try reactor.register(descriptor, for: nil, handler) }
        if let interest { try registration?.watch(for: interest) } else { try registration?.pause() }
        return
      } catch {
        guard !error.code.isPermanent else { throw error }
        // The kernel lacks memory now, and nothing reports when that changes.
        Deadline.after(Self.pause).sleep()
      }
    }
  }

  /// Stops watching.
  mutating func release() { registration = nil }
}
