// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A certificate (RFC 5280, section 4.1), read without OpenSSL.
struct StrictCertificate {
  let notBefore: Moment
  let notAfter: Moment
  /// The key with its algorithm, in DER.
  let key: [UInt8]
  /// The values of extensions, by their identifiers, in order.
  private let extensions: [(id: [UInt8], value: DER)]

  private static let alternativeNames: [UInt8] = [0x55, 0x1D, 0x11]
  private static let features: [UInt8] = [43, 6, 1, 5, 5, 7, 1, 24]

  /// Reads a certificate; `nil` if it is not in DER, or not in this form.
  init?(_ bytes: [UInt8]) {
    guard let whole = DER(whole: bytes[...]), whole.isStrict, let outer = whole.parts(of: DER.sequence),
      outer.count == 3, var parts = outer[0].parts(of: DER.sequence)
    else { return nil }
    _ = parts.take(0xA0)
    guard parts.count >= 6, parts[0].tag == DER.integer, let validity = parts[3].parts, validity.count == 2
    else { return nil }
    (notBefore, notAfter) = (Moment(validity[0]), Moment(validity[1]))
    key = Array(parts[5].encoded)
    guard let list = parts.last, list.tag == 0xA3 else {
      extensions = []
      return
    }
    guard let wrapped = list.parts, wrapped.count == 1, let entries = wrapped[0].parts else { return nil }
    extensions = entries.compactMap { entry in
      guard let parts = entry.parts, let id = parts.first, let value = parts.last, value.tag == DER.octets,
        let content = DER(whole: value.content), content.isStrict
      else { return nil }
      return (Array(id.content), content)
    }
    guard extensions.count == entries.count else { return nil }
  }

  /// The names, as they are reported; `nil` if there are kinds whose content this does not read.
  var names: [String]? {
    guard let value = value(of: Self.alternativeNames) else { return [] }
    guard let parts = value.parts(of: DER.sequence) else { return nil }
    let names = parts.compactMap { part -> String? in
      let text = String(decoding: part.content, as: UTF8.self)
      return switch part.tag {
      case 0x81: "email:" + text
      case 0x82: "DNS:" + text
      case 0x86: "URI:" + text
      case 0x87: "IP:" + Self.address(Array(part.content))
      default: nil
      }
    }
    return names.count == parts.count ? names : nil
  }

  /// Whether it demands an OCSP response; `nil` if what it demands is not read.
  var requiresStaple: Bool? {
    guard let value = value(of: Self.features) else { return false }
    guard let parts = value.parts(of: DER.sequence), parts.allSatisfy({ $0.tag == DER.integer }) else {
      return nil
    }
    return parts.contains { Array($0.content) == [5] }
  }

  /// The value of an extension; `nil` if there is none, or more than one, which is none either.
  private func value(of id: [UInt8]) -> DER? {
    let found = extensions.filter { $0.id == id }
    return found.count == 1 ? found[0].value : nil
  }

  private static func address(_ bytes: [UInt8]) -> String {
    guard bytes.count == 4 || bytes.count == 16 else { return "?" }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    _ = unsafe inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
