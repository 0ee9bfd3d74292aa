// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// What a reactor watches a standard stream for.
struct StreamWatch {
  private var registration: Registration?
  private static let pause = Duration.milliseconds(20)

  /// Whether the stream is of the kind that is always ready, as files and `/dev/null` are; known once something was watched
  /// for.
  var isAlwaysReady: Bool { registration?.isAlwaysReady == true }

  /// Watches for something else; `nil` for nothing at all.
  mutating func set(
    _ interest: Readiness?, of number: FileDescriptor, in reactor: Reactor, _ handler: any ReactorHandler
  ) throws(SystemError) {
    while true {
      do {
        if registration == nil { registration = try reactor.register(number, for: nil, handler) }
        if let interest { try registration?.watch(for: interest) } else { try registration?.pause() }
        return
      } catch {
        guard !error.code.isPermanent else { throw error }
        // The kernel has no memory for it now, and nothing tells when it has.
        Deadline.after(Self.pause).sleep()
      }
    }
  }

  /// Watches for nothing any more.
  mutating func release() { registration = nil }
}
