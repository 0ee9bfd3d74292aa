// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct HostEntryTests {
  private static let first = IPAddress.ipv4([192, 0, 2, 1])
  private static let second = IPAddress.ipv4([192, 0, 2, 2])
  private static var third: IPAddress { .ipv6([UInt8](repeating: 1, count: 16), zone: 0) }

  @Test func `what is repeated is left out, and so is an alias that is the name`() {
    let entry = HostEntry(
      name: "a", aliases: ["b", "a", "c", "b"], addresses: [Self.first, Self.second, Self.first])
    #expect(entry.aliases == ["b", "c"])
    #expect(entry.addresses == [Self.first, Self.second])
  }

  @Test func `two families make one entry, in the order they were asked for`() {
    let ipv4 = HostEntry(name: "a", aliases: ["www"], addresses: [Self.second, Self.first])
    let ipv6 = HostEntry(name: "b", aliases: ["www", "cdn"], addresses: [Self.third])
    #expect(
      HostEntry.joining([.success(ipv4), .success(ipv6)])
        == .success(
          HostEntry(
            name: "a", aliases: ["www", "b", "cdn"], addresses: [Self.second, Self.first, Self.third])))
  }

  @Test(arguments: LookupFailure.Verdict.allCases)
  func `a failure does not count beside an entry`(verdict: LookupFailure.Verdict) {
    let entry = HostEntry(name: "a", aliases: [], addresses: [Self.first])
    #expect(HostEntry.joining([.failure(LookupFailure(verdict)), .success(entry)]) == .success(entry))
    #expect(HostEntry.joining([.success(entry), .failure(LookupFailure(verdict))]) == .success(entry))
  }

  @Test(arguments: [
    (LookupFailure.Verdict.hostNotFound, LookupFailure.Verdict.noData), (.noData, .tryAgain),
    (.hostNotFound, .tryAgain), (.noData, .noRecovery), (.tryAgain, .timedOut),
    (.hostNotFound, .systemError),
  ])
  func `of two failures the more telling one counts`(
    less: LookupFailure.Verdict, more: LookupFailure.Verdict
  ) {
    let (weak, strong) = (LookupFailure(less), LookupFailure(more))
    #expect(HostEntry.joining([.failure(weak), .failure(strong)]) == .failure(strong))
    #expect(HostEntry.joining([.failure(strong), .failure(weak)]) == .failure(strong))
  }

  @Test(arguments: [
    ("example", nil as AddressFamily?, [HostLookup("example", .ipv4), HostLookup("example", .ipv6)]),
    ("example", .ipv6, [HostLookup("example", .ipv6)]), ("192.0.2.1", nil, [HostLookup("192.0.2.1", .ipv4)]),
    ("::1", nil, [HostLookup("::1", .ipv6)]), ("::1", .ipv4, [HostLookup("::1", .ipv4)]),
  ])
  func `a name is asked for in both families, an address in its own`(
    query: String, family: AddressFamily?, questions: [HostLookup]
  ) {
    #expect(HostLookup.all(of: query, family: family) == questions)
  }

  @Test func `an address of another family than the one asked for is no answer`() {
    #expect(throws: LookupFailure(.noData, "Address family for hostname not supported")) {
      try HostLookup("::1", .ipv4).entry()
    }
  }

  @Test func `the hosts file answers`() throws {
    let entry = try HostLookup("localhost", .ipv4).entry()
    #expect(entry.name == "localhost")
    #expect(entry.addresses.contains(.ipv4([127, 0, 0, 1])))
  }
}
