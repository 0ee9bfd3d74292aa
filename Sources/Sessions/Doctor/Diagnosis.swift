// SPDX-License-Identifier: GPL-3.0-or-later

import LineEditing
import Sockets
import SystemPackage
import Text

/// What the facts about a system mean for the program.
package struct Diagnosis {
  private let facts: SystemFacts

  /// Creates the diagnosis of a system.
  package init(of facts: SystemFacts) { self.facts = facts }

  /// What was found, in the order of the checks.
  package var findings: [Finding] { Finding.Check.allCases.map(finding) }

  private func finding(_ check: Finding.Check) -> Finding {
    switch check {
    case .kernel: Finding(check, facts.kernel)
    case .ipv4: reach(check, .ipv4, facts.ipv4)
    case .ipv6: reach(check, .ipv6, facts.ipv6)
    case .resolver: resolver
    case .descriptors: descriptors
    case .receiveBuffer: receiveBuffer
    case .sendBuffer: sendBuffer
    case .backlog: backlog
    case .localPorts: localPorts
    case .privilegedPorts: privilegedPorts
    case .fastOpen: fastOpen
    case .multipath: multipath
    case .terminal: terminal
    case .locale: locale
    case .landlock: landlock
    case .openSSL: Finding(check, facts.openSSL ?? "not installed; --tls needs libssl.so.3")
    }
  }

  // MARK: Addresses

  private func reach(_ check: Finding.Check, _ family: AddressFamily, _ reach: SystemFacts.Reach) -> Finding {
    let isIPv6 = family == .ipv6
    switch reach {
    case .routed(let source): return Finding(check, "other networks are reached from \(source)")
    case .missing(let error):
      return Finding(
        check, "missing (\(error))",
        limit: .init(
          "no \(family.title) address can be reached or bound; servers listen on the other family alone",
          change: isIPv6 ? "start the kernel without ipv6.disable=1" : "use a kernel with IPv4"))
    case .unrouted where isIPv6 && facts.isIPv6Disabled:
      return Finding(
        check, "switched off by a kernel parameter",
        limit: .init(
          "no IPv6 address can be reached or bound, not even ::1",
          change: "sysctl -w net.ipv6.conf.all.disable_ipv6=0"))
    case .unrouted(let error):
      let command = isIPv6 ? "ip -6" : "ip"
      return Finding(
        check, "no route to other networks (\(error))",
        limit: .init(
          "hosts of other networks that have \(family.title) addresses alone cannot be reached",
          change: "give an interface an address and a default route: \(command) route"))
    }
  }

  private var resolver: Finding {
    let servers = words(after: "nameserver", in: facts.resolverConfiguration).compactMap(\.first)
    let sources = words(after: "hosts:", in: facts.nameServiceSwitch).first
    if let sources, !sources.contains(where: ["dns", "resolve"].contains) {
      return Finding(
        .resolver, "names are looked up in \(sources.joined(separator: ", ")) only",
        limit: .init(
          "names that only a name server knows are unknown",
          change: "add dns to the line 'hosts:' of /etc/nsswitch.conf"))
    }
    guard !servers.isEmpty else {
      return Finding(
        .resolver, "no name server in /etc/resolv.conf",
        limit: .init(
          "names that are not in /etc/hosts are unknown, unless a name server runs on this machine",
          change: "add a line to /etc/resolv.conf: nameserver ADDRESS"))
    }
    return Finding(.resolver, "name servers: \(servers.joined(separator: ", "))")
  }

  /// The words of each line that begins with a word; those after `#` are a comment.
  private func words(after first: String, in text: String?) -> [[String]] {
    (text ?? "").split(separator: "\n").compactMap { line in
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
      return words.first == first ? Array(words.dropFirst()) : nil
    }
  }

  // MARK: Limits

  /// The number of descriptors below which a server soon has no more.
  private static let fewDescriptors = 8192

  private var descriptors: Finding {
    guard let (soft, hard) = facts.descriptors else { return unknown(.descriptors) }
    let value = soft < hard ? "\(soft) per process; servers raise this to \(hard)" : "\(hard) per process"
    guard hard < Self.fewDescriptors else { return Finding(.descriptors, value, number: hard) }
    return Finding(
      .descriptors, value, number: hard,
      limit: .init(
        "a server has fewer than \(hard) clients at a time, and forward fewer than \(hard / 2)",
        change: "'nofile' in /etc/security/limits.conf", "LimitNOFILE=65536 in a systemd unit",
        "--ulimit nofile=65536 for a container"))
  }

  /// The size that `udp-recv` requests for its receive buffer, in bytes.
  private static let wantedReceiveBuffer = DatagramSettings.generousReceiveBuffer

  private var receiveBuffer: Finding {
    guard let maximum = facts.receiveBufferMaximum else { return unknown(.receiveBuffer) }
    let value = size(maximum, facts.tunedReceiveBuffer)
    guard maximum < Self.wantedReceiveBuffer, !facts.exceedsBuffers else {
      return Finding(.receiveBuffer, value, number: maximum)
    }
    return Finding(
      .receiveBuffer, value, number: maximum,
      limit: .init(
        "--receive-buffer cannot set more; udp-recv and other receivers of datagrams want "
          + "\(describe(Self.wantedReceiveBuffer)), and drop bursts that do not fit",
        change: "sysctl -w net.core.rmem_max=\(Self.wantedReceiveBuffer)"))
  }

  private var sendBuffer: Finding {
    guard let maximum = facts.sendBufferMaximum else { return unknown(.sendBuffer) }
    let value = size(maximum, facts.tunedSendBuffer)
    guard let tuned = facts.tunedSendBuffer, maximum < tuned else {
      return Finding(.sendBuffer, value, number: maximum)
    }
    return Finding(
      .sendBuffer, value, number: maximum,
      limit: .init(
        "--send-buffer cannot set more, so that it makes TCP slower than without the option",
        change: "leave --send-buffer out", "sysctl -w net.core.wmem_max=\(tuned)"))
  }

  private func size(_ maximum: Int, _ tuned: Int?) -> String {
    "at most \(describe(maximum)) on request"
      + (tuned.map { "; TCP tunes its own up to \(describe($0))" } ?? "")
  }

  private func describe(_ bytes: Int) -> String { SizeFormat.describe(Double(bytes)) }

  /// The length of a backlog below which a burst of clients is refused or delayed.
  private static let shortBacklog = 1024

  private var backlog: Finding {
    guard let maximum = facts.backlogMaximum else { return unknown(.backlog) }
    let value = "at most \(maximum) connections wait to be accepted"
    guard maximum < Self.shortBacklog else { return Finding(.backlog, value, number: maximum) }
    return Finding(
      .backlog, value, number: maximum,
      limit: .init(
        "clients that come in a burst have to try again; --backlog cannot set more",
        change: "sysctl -w net.core.somaxconn=4096"))
  }

  /// The number of local ports below which they run out soon.
  private static let fewPorts = 16_000

  private var localPorts: Finding {
    guard let ports = facts.localPorts, ports.count == 2 else { return unknown(.localPorts) }
    let count = max(0, ports[1] - ports[0] + 1)
    let value = "\(ports[0]) to \(ports[1])"
    guard count < Self.fewPorts else { return Finding(.localPorts, value, number: count) }
    return Finding(
      .localPorts, value, number: count,
      limit: .init(
        "at most \(count) connections to one address and port at a time",
        change: "sysctl -w net.ipv4.ip_local_port_range='32768 60999'"))
  }

  private var privilegedPorts: Finding {
    guard let first = facts.firstUnprivilegedPort else { return unknown(.privilegedPorts) }
    if first <= 1 || facts.bindsPrivilegedPorts {
      return Finding(.privilegedPorts, "every port can be bound", number: first)
    }
    return Finding(
      .privilegedPorts, "ports below \(first) are for privileged processes", number: first,
      limit: .init(
        "nothing can listen on them, such as http-server on port 80",
        change: "sysctl -w net.ipv4.ip_unprivileged_port_start=80",
        "setcap cap_net_bind_service=ep \"$(command -v sockkit)\""))
  }

  private var fastOpen: Finding {
    guard let bits = facts.fastOpen else { return unknown(.fastOpen) }
    let change = "sysctl -w net.ipv4.tcp_fastopen=3"
    switch bits & 3 {
    case 3: return Finding(.fastOpen, "for clients and servers", number: bits)
    case 1:
      return Finding(
        .fastOpen, "for clients only", number: bits,
        limit: .init("--fast-open has no effect on listening sockets", change: change))
    case 2:
      return Finding(
        .fastOpen, "for servers only", number: bits,
        limit: .init("--fast-open has no effect on outgoing connections", change: change))
    default:
      return Finding(
        .fastOpen, "off", number: bits, limit: .init("--fast-open has no effect", change: change))
    }
  }

  private var multipath: Finding {
    switch facts.multipath {
    case 1?: Finding(.multipath, "on", number: 1)
    case let value?:
      Finding(
        .multipath, "off", number: value,
        limit: .init("--mptcp fails", change: "sysctl -w net.mptcp.enabled=1"))
    // Every kernel has the parameter of the backlog, so without it none can be read.
    case nil where facts.backlogMaximum == nil: unknown(.multipath)
    case nil:
      Finding(
        .multipath, "not in this kernel",
        limit: .init("--mptcp fails", change: "use a kernel with CONFIG_MPTCP"))
    }
  }

  private func unknown(_ check: Finding.Check) -> Finding {
    Finding(check, "unknown: the kernel parameter cannot be read here")
  }

  // MARK: Terminal

  private var terminal: Finding {
    guard let terminal = facts.terminal else {
      return Finding(.terminal, "standard input or output is not a terminal")
    }
    let name = terminal.type.isEmpty ? "TERM is not set" : terminal.type
    let value = name + (terminal.columns.map { ", \($0) columns" } ?? "")
    guard !terminal.isEditable else { return Finding(.terminal, value) }
    let isPlain = ["", "dumb"].contains(terminal.type)
    return Finding(
      .terminal, value,
      limit: .init(
        "connect, listen and calc do not edit the line that is typed",
        change: isPlain ? "set TERM to the type of the terminal: export TERM=xterm" : "stty sane"))
  }

  private var locale: Finding {
    let locale = facts.locale
    let name = locale.name ?? "not set"
    let substitute = "UTF-8 is assumed"
    guard let encoding = locale.encoding else {
      return Finding(.locale, "\(name), which is not installed; \(substitute)")
    }
    switch encoding {
    case "UTF-8": return Finding(.locale, name)
    case "ANSI_X3.4-1968": return Finding(.locale, "\(name); \(substitute)")
    default:
      return Finding(
        .locale, "\(name) (\(encoding))",
        limit: .init(
          "characters that are not in \(encoding) cannot be edited",
          change: "let the terminal use UTF-8, and export LC_ALL=C.UTF-8"))
    }
  }

  // MARK: Versions

  private var landlock: Finding {
    switch facts.landlock {
    case .success(let version): Finding(.landlock, "ABI version \(version)", number: version)
    case .failure(let error): Finding(.landlock, "not available (\(error)); the sandbox does without it")
    }
  }
}
