// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// A capability of a process, capabilities(7).
package enum Capability: Int, Sendable {
  /// CAP_NET_BIND_SERVICE: binding ports below the first unprivileged one.
  case bindPrivilegedPorts = 10
  /// CAP_NET_ADMIN: exceeding the limits of socket buffers.
  case administerNetwork = 12

  /// Whether this process has it, by the line `CapEff` of `/proc/self/status`; `false` if that cannot be read.
  package var isEffective: Bool {
    guard let bytes = try? RegularFile.bytes(of: "/proc/self/status"),
      let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        .first(where: { $0.hasPrefix("CapEff:") }),
      let word = line.split(whereSeparator: \.isWhitespace).last, let mask = UInt64(word, radix: 16)
    else { return false }
    return mask & 1 << UInt64(rawValue) != 0
  }
}
