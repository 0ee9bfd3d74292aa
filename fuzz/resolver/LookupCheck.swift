// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import Text

/// Looks hosts up.
enum LookupCheck {
  /// Stops the program if an entry is not passed on as the C library has given it.
  ///
  /// - Parameter bytes: The name in one line, and the answer.
  static func checkEntry(_ bytes: ArraySlice<UInt8>) {
    let (name, given) = take(bytes)
    let result = Result { () throws(LookupFailure) in
      try HostLookup(name, given.isIPv6 ? .ipv6 : .ipv4).entry()
    }
    let message = HostMessage.encode(result)
    precondition(HostMessage.answer(in: message) == result, "an answer changes on the way to the parent")
    let address = IPAddress(name)
    guard let question = unsafe GivenAnswer.question else {
      let isRefused = if case .failure = result { true } else { false }
      let isPossible = (try? InternationalName.encode(name)) != nil
      precondition(
        isRefused && (!isPossible || address.map { ($0.family == .ipv6) != given.isIPv6 } ?? false),
        "a host is not looked up")
      return
    }
    precondition(
      address == nil ? question.allSatisfy { (1..<0x80).contains($0) } : question == address?.unmapped.bytes,
      "another host is looked up")
    switch result {
    case .success(let entry):
      precondition(given.status == 0, "a failure is taken for an entry")
      precondition(entry.name == given.texts[0], "the name is another one")
      precondition(
        entry.aliases == distinct(given.texts.dropFirst()).filter { $0 != entry.name },
        "the aliases are others")
      let addresses = address.map { [$0.unmapped.bytes] } ?? distinct(given.addresses)
      precondition(entry.addresses.map(\.bytes) == addresses, "the addresses are others")
      for name in [entry.name] + entry.aliases { checkPrinted(name) }
    case .failure(let failure):
      precondition(given.status != 0, "an entry is taken for a failure")
      let code = hostErrors[Int(given.status) % hostErrors.count]
      precondition(
        failure.verdict == verdict(of: code, isPossible: address != nil || isPossible(question)),
        "the failure is another one")
    }
  }

  /// Stops the program if the addresses are not those that the C library has given.
  ///
  /// - Parameter bytes: As above.
  static func checkAddresses(_ bytes: ArraySlice<UInt8>) {
    let (name, given) = take(bytes)
    let result = Result { () throws(ResolutionError) in
      try Resolver().addresses(ofHost: name, port: 7)
    }
    let isAsked = unsafe GivenAnswer.question != nil
    if case .failure(let error) = result {
      precondition(given.status != 0 || !isAsked, "addresses are taken for a failure")
      checkPrinted(TerminalSafe.escape("\(error)"))
      return
    }
    guard case .success(let addresses) = result, isAsked else { return }
    precondition(given.status == 0, "a failure is taken for addresses")
    let expected = distinct(given.addresses.map { address in unmapped(address) })
    let hosts = addresses.map { address -> [UInt8] in
      guard case .internet(let host, port: 7) = address else { return [] }
      return host.bytes
    }
    precondition(hosts == expected, "the addresses are others")
  }

  private static func take(_ bytes: ArraySlice<UInt8>) -> (name: String, GivenAnswer) {
    let line = bytes.prefix { $0 != 10 }
    let given = GivenAnswer(bytes[line.endIndex...].dropFirst())
    unsafe (GivenAnswer.current, GivenAnswer.question) = (given, nil)
    // A name with a NUL is refused before it is looked up.
    return (ByteText.text(of: line.filter { $0 != 0 }), given)
  }

  private static func distinct<Element: Equatable>(_ elements: some Sequence<Element>) -> [Element] {
    elements.reduce(into: []) { result, element in
      if !result.contains(element) { result.append(element) }
    }
  }

  private static func unmapped(_ address: [UInt8]) -> [UInt8] {
    address.count == 16 && address.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255])
      ? Array(address.suffix(4)) : address
  }

  /// Whether DNS has names such as these bytes (RFC 1035, section 2.3.4).
  private static func isPossible(_ name: [UInt8]) -> Bool {
    var lengths = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(\.count)
    if lengths.count > 1, lengths.last == 0 { lengths.removeLast() }
    return lengths.reduce(0, +) + lengths.count <= 254 && lengths.allSatisfy { $0 > 0 && $0 < 64 }
  }

  private static func verdict(of code: CInt, isPossible: Bool) -> LookupFailure.Verdict {
    switch code {
    case HOST_NOT_FOUND: .hostNotFound
    case NO_DATA: .noData
    case TRY_AGAIN: .tryAgain
    case NETDB_INTERNAL: .systemError
    default: isPossible ? .noRecovery : .hostNotFound
    }
  }

  /// Stops the program if a terminal would obey a name that is printed.
  private static func checkPrinted(_ name: String) {
    for scalar in TerminalSafe.escape(name).unicodeScalars {
      switch scalar.value {
      case 9, 0x20...0x7E, 0xA0...: break
      default: preconditionFailure("a control character is printed")
      }
      switch scalar.value {
      case 0x61C, 0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF, 0xFFF9...0xFFFB,
        0xE0000...0xE007F:
        preconditionFailure("an invisible character is printed")
      default: break
      }
    }
  }
}
