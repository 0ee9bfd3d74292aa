// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Encodes names beyond ASCII.
enum NameCheck {
  /// Stops the program if a name in the form of DNS is not one, or stands for another name.
  static func check(_ bytes: ArraySlice<UInt8>) {
    let name = ByteText.text(of: bytes)
    do throws(LookupFailure) {
      let encoded = try InternationalName.encode(name)
      guard name.utf8.contains(where: { $0 >= 0x80 }) else {
        precondition(encoded.utf8.elementsEqual(name.utf8), "a name of ASCII changes")
        return
      }
      precondition(ByteText.isText(name), "what is not text is encoded")
      precondition(encoded.utf8.allSatisfy { $0 > 0 && $0 < 0x80 }, "an encoded name is beyond ASCII")
      let labels = encoded.split(separator: ".", omittingEmptySubsequences: false)
      precondition(labels.allSatisfy { $0.utf8.count < 64 }, "a label is too long")
      var decoded: [String] = []
      for label in labels {
        guard label.hasPrefix("xn--") else {
          decoded.append(String(label))
          continue
        }
        guard let text = Punycode.decode(Array(label.utf8.dropFirst(4))) else {
          preconditionFailure("a label cannot be decoded")
        }
        decoded.append(text)
      }
      // Case and form are lost, and nothing else: the decoded name is the same to DNS.
      precondition(
        (try? InternationalName.encode(decoded.joined(separator: "."))) == encoded,
        "an encoded name stands for another one")
    } catch {
      precondition(
        error.verdict == .hostNotFound && !error.message.isEmpty, "a name is refused without reason")
    }
  }
}
