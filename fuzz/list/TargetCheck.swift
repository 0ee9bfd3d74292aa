// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// Reads the rules of a proxy, and decides about targets by them.
enum TargetCheck {
  /// Without rules; its copies read the addresses of this machine together, and rarely.
  private static let plain = TargetRules()

  /// Stops the program if a rule is read wrongly, or a target is wrongly allowed or denied.
  ///
  /// - Parameter bytes: Lines with a rule each, behind `+` if it allows and `-` if it denies, or `!`, which protects private
  ///   addresses. The first line that begins otherwise is the name of a target, and behind it are its port and address.
  static func check(_ bytes: ArraySlice<UInt8>) {
    var (rules, rest) = (plain, bytes)
    var (allowed, denied) = ([StrictRule](), [StrictRule]())
    while let first = rest.first, "+-!".utf8.contains(first) {
      let line = rest.prefix { $0 != 10 }
      rest = rest[line.endIndex...].dropFirst()
      guard first != UInt8(ascii: "!") else {
        rules.protectsPrivate = true
        continue
      }
      let rule = try? TargetRules.Rule(ByteText.text(of: line.dropFirst()))
      let strict = StrictRule(line.dropFirst())
      precondition((rule != nil) == (strict != nil), "a rule is read that is none, or the other way round")
      guard let rule, let strict else { return }
      if first == UInt8(ascii: "+") {
        rules.allowed.append(rule)
        allowed.append(strict)
      } else {
        rules.denied.append(rule)
        denied.append(strict)
      }
    }
    let line = rest.prefix { $0 != 10 }
    let behind = rest[line.endIndex...].dropFirst()
    let port = behind.prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
    // The parser of requests lets no other names through.
    let isName = line.allSatisfy { $0.isAlphanumeric || "-._".utf8.contains($0) }
    let name = line.isEmpty || !isName ? nil : String(decoding: line, as: UTF8.self)
    let networks = (allowed + denied).compactMap(\.network)
    for address in [nil] + networks.flatMap(\.examples) + Example.addresses(in: behind.dropFirst(2)) {
      guard let address else {
        checkUnknown(rules, (allowed, denied), name, port)
        continue
      }
      let reached = Reached.address(address)
      func isListed(_ rules: [StrictRule]) -> Bool {
        rules.contains { $0.matches(name, reached, port) }
      }
      let isPublic = allowed.isEmpty && (!rules.protectsPrivate || !Reached.isPrivate(reached))
      precondition(
        rules.allow(Example.address(address), port: port, named: name)
          == (!isListed(denied) && (isListed(allowed) || isPublic)), "a target is wrongly allowed or denied")
    }
  }

  /// The address is not known, because another proxy looks it up.
  private static func checkUnknown(
    _ rules: TargetRules, _ strict: (allowed: [StrictRule], denied: [StrictRule]), _ name: String?,
    _ port: UInt16
  ) {
    let isDenied = strict.denied.contains { $0.matches(name, nil, port) }
    let isAllowed =
      strict.allowed.contains { $0.matches(name, nil, port) }
      || strict.allowed.isEmpty && !rules.protectsPrivate
    precondition(
      rules.allow(nil, port: port, named: name) == (!isDenied && isAllowed),
      "a name is wrongly allowed or denied")
    guard let name else { return }
    precondition(rules.deny(name, port: port) == isDenied, "a name is wrongly looked up, or not")
  }
}

extension UInt8 {
  /// Whether it is a letter or a digit in ASCII.
  var isAlphanumeric: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
  }
}
