// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct HostMessageTests {
  @Test(arguments: [
    Result<HostEntry, LookupFailure>.success(
      HostEntry(
        name: "www.l.example", aliases: ["www.example", "bücher"],
        addresses: [.ipv4([1, 2, 3, 4]), .ipv6([UInt8](repeating: 9, count: 16), zone: 0)])),
    .success(HostEntry(name: "", aliases: [], addresses: [])),
    .failure(LookupFailure(.tryAgain)), .failure(LookupFailure(.systemError, "")),
  ])
  func `an answer reads as it was written`(_ result: Result<HostEntry, LookupFailure>) {
    #expect(HostMessage.answer(in: HostMessage.encode(result)) == result)
  }

  @Test func `a NUL in a text does not begin another field`() {
    let entry = HostEntry(name: "a\0ab", aliases: [], addresses: [])
    #expect(
      HostMessage.answer(in: HostMessage.encode(.success(entry)))
        == .success(HostEntry(name: "aab", aliases: [], addresses: [])))
  }

  @Test(arguments: [
    "", "\0", "n", "nname", "x\0", "\0nname\0", "nname\0x\0", "nname\0i1.2.3\0", "nname\0\0",
    "nname\0nname\0", "eHOST_NOT_FOUND\0", "eNOSUCH\0mmessage\0", "eHOST_NOT_FOUND\0amessage\0",
    "eHOST_NOT_FOUND\0mmessage\0mmessage\0",
  ])
  func `anything else is no answer`(_ message: String) {
    #expect(HostMessage.answer(in: Array(message.utf8)) == nil)
  }

  @Test func `an answer that is not UTF-8 is none, at any place it is cut`() {
    #expect(HostMessage.answer(in: [UInt8(ascii: "n"), 0xFF, 0]) == nil)
    let entry = HostEntry(name: "name", aliases: ["ä"], addresses: [.ipv4([1, 2, 3, 4])])
    let whole = HostMessage.encode(.success(entry))
    for count in 0..<whole.count {
      // A cut between fields leaves a valid shorter answer; message boundaries rule this out in practice.
      if count == 0 || whole[count - 1] != 0 {
        #expect(HostMessage.answer(in: Array(whole.prefix(count))) == nil)
      }
    }
  }

  @Test(arguments: [HostLookup("example", .ipv4), HostLookup("bücher", .ipv6), HostLookup("", .ipv4)])
  func `a question reads as it was written`(_ question: HostLookup) {
    #expect(HostMessage.question(in: HostMessage.encode(question)) == question)
  }

  @Test(arguments: [[], [0x35, 0x61], [0x34, 0xFF]] as [[UInt8]])
  func `anything else is no question`(_ message: [UInt8]) {
    #expect(HostMessage.question(in: message) == nil)
  }
}
