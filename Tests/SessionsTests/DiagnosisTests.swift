// SPDX-License-Identifier: GPL-3.0-or-later

import LineEditing
import Sessions
import Sockets
import SystemPackage
import Testing

/// What facts about a system mean: which of them limit something.
struct DiagnosisTests {
  /// A system that limits nothing.
  private static var unlimited: SystemFacts {
    var facts = SystemFacts()
    facts.ipv4 = .routed(from: .ipv4([192, 0, 2, 10]))
    facts.ipv6 = .routed(from: .ipv4([192, 0, 2, 10]))
    facts.resolverConfiguration = "search example.org\nnameserver 192.0.2.53 # first\n"
    facts.nameServiceSwitch = "passwd: files\nhosts: files dns\n"
    facts.descriptors = (soft: 1024, hard: 1_048_576)
    facts.receiveBufferMaximum = 8 << 20
    facts.tunedReceiveBuffer = 6 << 20
    facts.sendBufferMaximum = 8 << 20
    facts.tunedSendBuffer = 4 << 20
    facts.backlogMaximum = 4096
    facts.localPorts = [32_768, 60_999]
    facts.firstUnprivilegedPort = 0
    facts.fastOpen = 3
    facts.multipath = 1
    facts.locale = TerminalLocale(name: "C.UTF-8", encoding: "UTF-8")
    facts.landlock = .success(4)
    facts.openSSL = "OpenSSL 3.0.17 1 Jul 2025"
    return facts
  }

  private static func finding(
    _ check: Finding.Check, _ change: (inout SystemFacts) -> Void = { _ in }
  ) throws -> Finding {
    var facts = unlimited
    change(&facts)
    return try #require(Diagnosis(of: facts).findings.first { $0.check == check })
  }

  @Test func `a system without limits has none`() {
    let findings = Diagnosis(of: Self.unlimited).findings
    #expect(findings.map(\.check) == Finding.Check.allCases)
    #expect(findings.allSatisfy { $0.limit == nil }, "\(findings)")
  }

  @Test func `what cannot be read is unknown, and no limit`() {
    let findings = Diagnosis(of: SystemFacts()).findings
    let unknown = findings.filter { $0.value.hasPrefix("unknown") }.map(\.check)
    #expect(
      unknown == [
        .descriptors, .receiveBuffer, .sendBuffer, .backlog, .localPorts, .privilegedPorts, .fastOpen,
        .multipath,
      ])
    #expect(findings.allSatisfy { !unknown.contains($0.check) || $0.limit == nil })
  }

  @Test func `a family may be missing, off, or without a route`() throws {
    let missing = try Self.finding(.ipv6) { $0.ipv6 = .missing(.addressFamilyNotSupported) }
    #expect(missing.value == "missing (Address family not supported by protocol)")
    #expect(missing.limit?.changes == ["start the kernel without ipv6.disable=1"])
    let off = try Self.finding(.ipv6) {
      $0.ipv6 = .unrouted(.networkUnreachable)
      $0.isIPv6Disabled = true
    }
    #expect(off.limit?.changes == ["sysctl -w net.ipv6.conf.all.disable_ipv6=0"])
    let unrouted = try Self.finding(.ipv4) { $0.ipv4 = .unrouted(.networkUnreachable) }
    #expect(unrouted.value == "no route to other networks (Network is unreachable)")
    #expect(unrouted.limit?.effect.contains("IPv4") == true)
    #expect(try Self.finding(.ipv4).value == "other networks are reached from 192.0.2.10")
  }

  @Test func `the resolver needs a name server, and the permission to use it`() throws {
    #expect(try Self.finding(.resolver).value == "name servers: 192.0.2.53")
    for configuration in [nil, "", "# nameserver 192.0.2.53\n"] {
      let none = try Self.finding(.resolver) { $0.resolverConfiguration = configuration }
      #expect(none.limit?.changes == ["add a line to /etc/resolv.conf: nameserver ADDRESS"])
    }
    let files = try Self.finding(.resolver) { $0.nameServiceSwitch = "hosts: files myhostname\n" }
    #expect(files.value == "names are looked up in files, myhostname only" && files.limit != nil)
    let other = try Self.finding(.resolver) {
      $0.nameServiceSwitch = "hosts: files resolve [!UNAVAIL=return] dns\n"
    }
    #expect(other.limit == nil)
  }

  @Test func `servers raise the soft limit of descriptors, and the hard one limits them`() throws {
    let usual = try Self.finding(.descriptors)
    #expect(usual.value == "1024 per process; servers raise this to 1048576" && usual.number == 1_048_576)
    let few = try Self.finding(.descriptors) { $0.descriptors = (soft: 4096, hard: 4096) }
    #expect(few.value == "4096 per process")
    #expect(few.limit?.effect.contains("fewer than 2048") == true, "\(few)")
  }

  @Test func `a receive buffer that is too small is told with the size that udp-recv wants`() throws {
    let small = try Self.finding(.receiveBuffer) { $0.receiveBufferMaximum = 212_992 }
    #expect(small.value == "at most 208.0 KiB on request; TCP tunes its own up to 6.0 MiB")
    #expect(small.number == 212_992 && small.limit?.changes == ["sysctl -w net.core.rmem_max=8388608"])
    let privileged = try Self.finding(.receiveBuffer) {
      $0.receiveBufferMaximum = 212_992
      $0.exceedsBuffers = true
    }
    #expect(privileged.limit == nil)
  }

  @Test func `a send buffer below what TCP takes by itself is a limit`() throws {
    let small = try Self.finding(.sendBuffer) { $0.sendBufferMaximum = 212_992 }
    #expect(
      small.limit?.changes == ["leave --send-buffer out", "sysctl -w net.core.wmem_max=4194304"], "\(small)")
    let untuned = try Self.finding(.sendBuffer) {
      $0.sendBufferMaximum = 212_992
      $0.tunedSendBuffer = nil
    }
    #expect(untuned.value == "at most 208.0 KiB on request" && untuned.limit == nil)
  }

  @Test func `few waiting connections and few ports are limits`() throws {
    #expect(try Self.finding(.backlog) { $0.backlogMaximum = 128 }.limit != nil)
    let ports = try Self.finding(.localPorts) { $0.localPorts = [40_000, 40_099] }
    #expect(ports.value == "40000 to 40099" && ports.number == 100 && ports.limit != nil)
    #expect(try Self.finding(.localPorts) { $0.localPorts = [60_000, 50_000] }.number == 0)
  }

  @Test func `low ports are for those who may bind them`() throws {
    let usual = try Self.finding(.privilegedPorts) { $0.firstUnprivilegedPort = 1024 }
    #expect(usual.value == "ports below 1024 are for privileged processes" && usual.limit != nil)
    let privileged = try Self.finding(.privilegedPorts) {
      $0.firstUnprivilegedPort = 1024
      $0.bindsPrivilegedPorts = true
    }
    #expect(privileged.limit == nil)
  }

  @Test(arguments: [
    (0, "off"), (1, "for clients only"), (2, "for servers only"), (0x403, "for clients and servers"),
  ])
  func `TCP Fast Open has a bit for each side`(bits: Int, value: String) throws {
    let found = try Self.finding(.fastOpen) { $0.fastOpen = bits }
    #expect(found.value == value && (found.limit == nil) == (bits & 3 == 3))
  }

  @Test func `Multipath TCP may be off or missing`() throws {
    #expect(try Self.finding(.multipath) { $0.multipath = 0 }.value == "off")
    let missing = try Self.finding(.multipath) { $0.multipath = nil }
    #expect(missing.value == "not in this kernel" && missing.limit != nil)
  }

  @Test func `a terminal has a type and edits lines, or does not`() throws {
    var terminal = SystemFacts.Terminal()
    terminal.columns = 80
    let plain = try Self.finding(.terminal) { $0.terminal = terminal }
    #expect(plain.value == "TERM is not set, 80 columns")
    #expect(plain.limit?.changes == ["set TERM to the type of the terminal: export TERM=xterm"])
    terminal.type = "xterm"
    #expect(
      try Self.finding(.terminal) { $0.terminal = terminal }.limit?.changes == ["stty sane"])
    terminal.isEditable = true
    #expect(try Self.finding(.terminal) { $0.terminal = terminal }.limit == nil)
  }

  @Test func `a locale is UTF-8, taken for it, of another encoding, or not installed`() throws {
    let unset = try Self.finding(.locale) {
      $0.locale = TerminalLocale(name: nil, encoding: "ANSI_X3.4-1968")
    }
    #expect(unset.value == "not set; UTF-8 is assumed" && unset.limit == nil)
    let latin = try Self.finding(.locale) {
      $0.locale = TerminalLocale(name: "de_DE", encoding: "ISO-8859-1")
    }
    #expect(latin.value == "de_DE (ISO-8859-1)" && latin.limit != nil)
    let absent = try Self.finding(.locale) { $0.locale = TerminalLocale(name: "xx_XX", encoding: nil) }
    #expect(
      absent.value == "xx_XX, which is not installed; UTF-8 is assumed" && absent.limit == nil)
  }

  @Test func `versions of what no subcommand needs are no limits`() throws {
    #expect(try Self.finding(.landlock).number == 4)
    #expect(try Self.finding(.landlock) { $0.landlock = .failure(.noFunction) }.limit == nil)
    #expect(try Self.finding(.openSSL) { $0.openSSL = nil }.value == "not installed; --tls needs libssl.so.3")
  }

  @Test func `this system has facts`() {
    let facts = SystemFacts.current
    #expect(facts.kernel.hasPrefix("Linux "))
    #expect((facts.descriptors?.soft ?? 0) > 0)
    #expect(Diagnosis(of: facts).findings.count == Finding.Check.allCases.count)
  }
}
