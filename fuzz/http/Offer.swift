// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import HTTP
import Sockets

/// What there is to be asked for.
enum Offer {
  /// A text, under every path.
  static let text = HTTPService(.text(Array("0123456789".utf8)), HTTPSettings(limits: limits))
  /// The files of `fuzz/root`, as seen from the top of the project.
  static let files: HTTPService = {
    guard let root = try? RootDirectory(path: "fuzz/root") else {
      preconditionFailure("there is no directory fuzz/root: run this with `make fuzz`")
    }
    return HTTPService(
      .directory(root, HTTPDirectoryRules(isListed: true), limits: limits), HTTPSettings(limits: limits))
  }()

  /// A byte of the paragraph sign, which is in the files of which nothing may be sent: one that is hidden, and one
  /// outside the directory. It is in nothing else that can be sent.
  private static let secret: UInt8 = 0xA7

  /// Small, so that they are reached.
  private static let limits = {
    var limits = HTTPLimits()
    limits.requestLine = 128
    limits.fieldBytes = 512
    limits.fieldCount = 8
    limits.body = 64
    limits.chunkLine = 16
    limits.answersPerReply = 2
    limits.bytesPerReply = 2048
    limits.listedEntries = 2
    return limits
  }()

  /// What a client is answered altogether.
  static func answer(
    from client: Client<HTTPSession>, to bytes: ArraySlice<UInt8>, in pieces: Pieces,
    _ end: Client<HTTPSession>.End
  ) -> [UInt8] {
    var client = client
    client.send(bytes, in: pieces)
    client.end(end)
    return client.answer
  }

  /// Leaves out the time, the boundaries between parts, and the lengths that depend on them.
  static func withoutVariables(_ answer: [UInt8]) -> [UInt8] {
    var lines = answer.split(separator: 10, omittingEmptySubsequences: false)
    lines.removeAll { $0.starts(with: "Date: ".utf8) || $0.starts(with: "--".utf8) }
    for index in lines.indices where lines[index].starts(with: "Content-Type: multipart".utf8) {
      lines[index] = lines[index].prefix(23)
    }
    lines.removeAll { $0.starts(with: "Content-Length: ".utf8) }
    return Array(lines.joined(separator: [10]))
  }

  /// Whether what only its owner may read is in an answer.
  static func tellsSecrets(_ answer: [UInt8]) -> Bool { answer.contains(secret) }
}
