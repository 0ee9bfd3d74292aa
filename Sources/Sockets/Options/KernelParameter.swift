// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// A parameter of the running kernel, by the name that sysctl(8) gives it; it is read from `/proc/sys`.
package struct KernelParameter: Equatable, Sendable {
  /// The name, such as `net.core.wmem_max`.
  package let name: String

  /// Names a parameter.
  init(_ name: String) { self.name = name }

  /// The largest `SO_SNDBUF` that may be requested, in bytes.
  package static let sendBufferMaximum = KernelParameter("net.core.wmem_max")
  /// The largest `SO_RCVBUF` that may be requested, in bytes.
  package static let receiveBufferMaximum = KernelParameter("net.core.rmem_max")
  /// The minimum, the default and the maximum send buffer of TCP's automatic sizing, in bytes.
  package static let tcpSendBuffer = KernelParameter("net.ipv4.tcp_wmem")
  /// The minimum, the default and the maximum receive buffer of TCP's automatic sizing, in bytes.
  package static let tcpReceiveBuffer = KernelParameter("net.ipv4.tcp_rmem")
  /// The names of the congestion control algorithms that are loaded.
  package static let congestionControls = KernelParameter("net.ipv4.tcp_available_congestion_control")
  /// The maximum number of connections that wait to be accepted on one socket.
  package static let backlogMaximum = KernelParameter("net.core.somaxconn")
  /// The first and the last port that the kernel chooses from.
  package static let localPorts = KernelParameter("net.ipv4.ip_local_port_range")
  /// The first port that every user may bind.
  package static let firstUnprivilegedPort = KernelParameter("net.ipv4.ip_unprivileged_port_start")
  /// TCP Fast Open: 1 for clients, plus 2 for servers.
  package static let fastOpen = KernelParameter("net.ipv4.tcp_fastopen")
  /// Multipath TCP: 1 if it is on.
  package static let multipath = KernelParameter("net.mptcp.enabled")
  /// Whether IPv6 is switched off: 1 if it is.
  package static let ipv6Disabled = KernelParameter("net.ipv6.conf.all.disable_ipv6")

  /// The parameter's words; `nil` where it cannot be read, which is common in containers.
  ///
  /// The corresponding C functions are `open` and `read`.
  package var words: [String]? {
    let path = "/proc/sys/" + name.split(separator: ".").joined(separator: "/")
    let number = try? systemCall("open(\"\(path)\", O_RDONLY|O_CLOEXEC)") {
      unsafe open(path, O_RDONLY | O_CLOEXEC)
    }
    guard let number else { return nil }
    let file = Descriptor(adopting: number)
    var storage = [UInt8](repeating: 0, count: 1024)
    var buffer = storage.mutableSpan
    guard case .moved(let count)? = try? Transfer.read(from: file.number, into: &buffer) else { return nil }
    return String(decoding: storage.prefix(count), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// The parameter's numbers; `nil` where it cannot be read.
  package var numbers: [Int]? { words.map { $0.compactMap { Int($0) } } }
}
