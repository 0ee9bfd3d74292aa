// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// Reads files of networks, and decides about peers by them.
enum AccessCheck {
  /// Stops the program if files are read wrongly, or a peer is wrongly let in or kept out.
  ///
  /// - Parameter bytes: A file of allowed networks, and behind a byte 255 one of denied networks.
  static func check(_ bytes: ArraySlice<UInt8>) {
    let files = bytes.split(separator: 255, maxSplits: 1, omittingEmptySubsequences: false)
    var (list, networks) = (AccessList(), [[StrictNetwork]]())
    for (index, file) in files.enumerated() {
      let strict = lines(of: file)
      do throws(Failure) {
        let read = try AccessFile("f").networks(in: Array(file))
        guard case .networks(let expected) = strict else {
          preconditionFailure("a file is accepted that lists something else")
        }
        precondition(read.count == expected.count, "a file has another number of networks")
        networks.append(expected)
        if index == 0 { list.allowed = NetworkSet(read) } else { list.denied = NetworkSet(read) }
      } catch {
        guard case .wrong(let line) = strict else { preconditionFailure("a file of networks is refused") }
        let message = "\(error)"
        precondition(message.contains("f, line \(line): "), "the message names another line")
        precondition(
          message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\t" },
          "a message has control characters")
        return
      }
    }
    for peer in networks.joined().flatMap(\.examples) + Example.addresses(in: bytes) {
      let isListed = networks.map { $0.contains { $0.contains(Example.unmapped(peer)) } }
      precondition(
        list.admits(.internet(Example.address(peer), port: 1))
          == (isListed[0] && !(isListed.count > 1 && isListed[1])),
        "a peer is wrongly let in or kept out")
    }
  }

  /// What a file contains.
  private enum Content {
    case networks([StrictNetwork])
    /// This line, counted from 1, is no network.
    case wrong(line: Int)
  }

  private static func lines(of file: ArraySlice<UInt8>) -> Content {
    var networks: [StrictNetwork] = []
    for (index, line) in file.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      let words = line.split(separator: UInt8(ascii: "#"), maxSplits: 1, omittingEmptySubsequences: false)[0]
        .split { " \t\u{B}\u{C}\r".utf8.contains($0) }
      guard let word = words.first else { continue }
      guard words.count == 1, let network = StrictNetwork(Array(word)) else { return .wrong(line: index + 1) }
      networks.append(network)
    }
    return .networks(networks)
  }
}
