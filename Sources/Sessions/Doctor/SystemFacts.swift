// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import LineEditing
package import Sockets
package import SystemPackage

/// What this system is like, as far as it limits the program. `nil` stands for what cannot be read.
package struct SystemFacts: Sendable {
  /// Whether hosts of other networks can be reached over an address family.
  package enum Reach: Equatable, Sendable {
    /// From this address.
    case routed(from: IPAddress)
    /// The family is there, but this `errno` is why no other network can be reached.
    case unrouted(Errno)
    /// There are no sockets of this family, for this reason.
    case missing(Errno)
  }

  /// The terminal of the standard streams.
  package struct Terminal: Equatable, Sendable {
    /// The value of `TERM`; empty if it is not set.
    package var type = ""
    /// The number of columns; `nil` if the terminal does not report it.
    package var columns: Int?
    /// Whether lines are edited there.
    package var isEditable = false

    /// Describes a terminal without properties.
    package init() {}
  }

  /// The name and release of the kernel.
  package var kernel = "Linux"
  /// What can be reached over IPv4.
  package var ipv4 = Reach.unrouted(.networkUnreachable)
  /// What can be reached over IPv6.
  package var ipv6 = Reach.unrouted(.networkUnreachable)
  /// Whether IPv6 is switched off by a kernel parameter.
  package var isIPv6Disabled = false
  /// The text of `/etc/resolv.conf`.
  package var resolverConfiguration: String?
  /// The text of `/etc/nsswitch.conf`.
  package var nameServiceSwitch: String?
  /// The soft and the hard limit of open descriptors.
  package var descriptors: (soft: Int, hard: Int)?
  /// The largest receive buffer that may be requested, in bytes.
  package var receiveBufferMaximum: Int?
  /// The largest send buffer that may be requested, in bytes.
  package var sendBufferMaximum: Int?
  /// The largest receive buffer of TCP's automatic sizing, in bytes.
  package var tunedReceiveBuffer: Int?
  /// The largest send buffer of TCP's automatic sizing, in bytes.
  package var tunedSendBuffer: Int?
  /// The maximum number of connections that wait to be accepted.
  package var backlogMaximum: Int?
  /// The first and the last port that the kernel chooses from.
  package var localPorts: [Int]?
  /// The first port that every user may bind.
  package var firstUnprivilegedPort: Int?
  /// Whether this process may bind the ports below.
  package var bindsPrivilegedPorts = false
  /// Whether this process may exceed the limit of receive buffers.
  package var exceedsBuffers = false
  /// TCP Fast Open: 1 for clients, plus 2 for servers.
  package var fastOpen: Int?
  /// Multipath TCP: 1 if it is on.
  package var multipath: Int?
  /// The terminal of standard input and output; `nil` if one of them is no terminal.
  package var terminal: Terminal?
  /// The locale of the environment.
  package var locale = TerminalLocale(name: nil, encoding: nil)
  /// The version of Landlock's ABI, or why there is none.
  package var landlock = Result<Int, Errno>.failure(.noFunction)
  /// The version of the OpenSSL library.
  package var openSSL: String?

  /// Describes a system of which nothing is known.
  package init() {}

  /// What this system is like. Nothing is sent to find out.
  package static var current: SystemFacts {
    var facts = SystemFacts()
    facts.kernel = SystemVersions.kernel
    facts.ipv4 = reach(.ipv4)
    facts.ipv6 = reach(.ipv6)
    facts.isIPv6Disabled = KernelParameter.ipv6Disabled.numbers?.first == 1
    facts.resolverConfiguration = text(of: "/etc/resolv.conf")
    facts.nameServiceSwitch = text(of: "/etc/nsswitch.conf")
    facts.descriptors = DescriptorLimit.current
    facts.receiveBufferMaximum = KernelParameter.receiveBufferMaximum.numbers?.first
    facts.sendBufferMaximum = KernelParameter.sendBufferMaximum.numbers?.first
    facts.tunedReceiveBuffer = KernelParameter.tcpReceiveBuffer.numbers?.last
    facts.tunedSendBuffer = KernelParameter.tcpSendBuffer.numbers?.last
    facts.backlogMaximum = KernelParameter.backlogMaximum.numbers?.first
    facts.localPorts = KernelParameter.localPorts.numbers
    facts.firstUnprivilegedPort = KernelParameter.firstUnprivilegedPort.numbers?.first
    facts.bindsPrivilegedPorts = Capability.bindPrivilegedPorts.isEffective
    facts.exceedsBuffers = Capability.administerNetwork.isEffective
    facts.fastOpen = KernelParameter.fastOpen.numbers?.first
    facts.multipath = KernelParameter.multipath.numbers?.first
    facts.terminal = currentTerminal
    facts.locale = .current
    do { facts.landlock = .success(try SystemVersions.landlock()) } catch { facts.landlock = .failure(error) }
    facts.openSSL = SystemVersions.openSSL
    return facts
  }

  private static func reach(_ family: AddressFamily) -> Reach {
    do throws(Errno) {
      return try Route.source(family).map(Reach.routed(from:)) ?? .unrouted(.networkUnreachable)
    } catch {
      return error == .addressFamilyNotSupported ? .missing(error) : .unrouted(error)
    }
  }

  private static var currentTerminal: Terminal? {
    let streams = [FileDescriptor.standardInput, .standardOutput]
    guard streams.allSatisfy({ DescriptorKind(of: $0) == .terminal }) else { return nil }
    var terminal = Terminal()
    terminal.type = unsafe getenv("TERM").map { unsafe String(cString: $0) } ?? ""
    terminal.columns = TerminalSize.columns(of: .standardOutput)
    terminal.isEditable = EditableTerminal.isThere && !EditableTerminal.isRaw
    return terminal
  }

  private static func text(of path: String) -> String? {
    (try? RegularFile.bytes(of: path)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
  }
}
