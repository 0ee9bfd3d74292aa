// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import Synchronization
import SystemPackage

/// Turns hosts and ports into addresses through the system's own resolver: NSS, hosts file, search list.
package struct Resolver: Sendable {
  /// The family of the requested addresses; `nil` for both.
  package var family: AddressFamily?
  /// Whether only numeric addresses are accepted, so that nothing is ever looked up.
  package let isNumericOnly: Bool

  /// The interface for link-local addresses that do not name one.
  package var interface: String?

  /// Creates a resolver; by default it accepts names and both families.
  package init(family: AddressFamily? = nil, isNumericOnly: Bool = false) {
    self.family = family
    self.isNumericOnly = isNumericOnly
  }

  /// The same resolver with a default interface for link-local addresses.
  package func on(interface: String?) -> Resolver {
    var resolver = self
    resolver.interface = interface
    return resolver
  }

  /// Reads a port number, or finds the port of a service.
  ///
  /// - Throws: `portOutOfRange` for a number over 65535, which is never truncated to 16 bits, `unknownService` and
  ///   `portWithProtocol`.
  package static func port(_ text: String, protocol: String = "tcp") throws(ResolutionError) -> UInt16 {
    if let number = try portNumber(text) { return number }
    let service = "\(text)/\(`protocol`)"
    if let port = knownServices.withLock({ $0[service] }) { return port }
    guard let port = ServiceDatabase.port(of: text, protocol: `protocol`) else {
      let number = text.split(separator: "/", omittingEmptySubsequences: false).first
      let isWithProtocol = number?.utf8.count != text.utf8.count && number.flatMap { UInt16($0) } != nil
      throw ResolutionError(name: text, reason: isWithProtocol ? .portWithProtocol : .unknownService)
    }
    knownServices.withLock { $0[service] = port }
    return port
  }

  /// The ports of the services that were found: each is looked up once.
  private static let knownServices = Guarded<[String: UInt16]>([:])

  /// Reads a port number; `nil` for a text that may be a service name.
  ///
  /// - Throws: `portOutOfRange`.
  static func portNumber(_ text: String) throws(ResolutionError) -> UInt16? {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    guard let number = UInt16(text) else { throw ResolutionError(name: text, reason: .portOutOfRange) }
    return number
  }

  /// The addresses of a host, in the resolver's order and without duplicates.
  ///
  /// The C resolver cannot be cancelled: a look-up that is not finished by the deadline is abandoned and ends with the
  /// process. The corresponding C function is `getaddrinfo`.
  package func addresses(
    ofHost host: String, port: UInt16, deadline: Deadline = .never
  ) throws(ResolutionError) -> [Address] {
    if let address = IPAddress(host).map(completed) {
      if let family, family != address.family {
        throw ResolutionError(name: host, reason: .otherFamily(than: family))
      }
      guard !address.lacksZone else { throw ResolutionError(name: host, reason: .zoneMissing) }
      return [.internet(address, port: port)]
    }
    if let zone = Self.unknownZone(in: host) {
      throw ResolutionError(name: host, reason: .zoneUnknown(zone))
    }
    guard !isNumericOnly else { throw ResolutionError(name: host, reason: .lookupForbidden) }
    let name: String
    do { name = try InternationalName.encode(host) } catch {
      throw ResolutionError(name: host, reason: error.reason)
    }
    return try lookup(name, for: host, until: deadline).map { .internet(completed($0), port: port) }
  }

  /// The interface named in a numeric address, for an address whose interface does not exist here.
  private static func unknownZone(in host: String) -> String? {
    let parts = host.split(separator: "%", maxSplits: 1)
    guard parts.count == 2, IPAddress(String(parts[0]))?.family == .ipv6 else { return nil }
    return String(parts[1])
  }

  private func completed(_ address: IPAddress) -> IPAddress {
    interface.map(address.completed(byInterface:)) ?? address
  }

  /// Looks a name up; errors name the host as the caller gave it.
  private func lookup(
    _ name: String, for host: String, until deadline: Deadline
  ) throws(ResolutionError) -> [IPAddress] {
    let start: Deadline = .now
    let answer: LookupProcess.Answer
    do throws(IOFailure) { answer = try Self.answer(about: name, family: family, until: deadline) } catch {
      throw ResolutionError(name: host, reason: .system(error.code))
    }
    let failure =
      answer.status == 0 ? nil : ResolutionError(name: host, status: answer.status, code: answer.code)
    if Trace.isEnabled {
      let found = answer.addresses.map(\.description).joined(separator: ", ")
      Trace.report(
        "getaddrinfo(\"\(name)\")",
        result: "\(answer.status) \(failure == nil ? found : Self.words(of: answer.status))", since: start)
    }
    if let failure { throw failure }
    return answer.addresses
  }

  /// Asks the process that looks names up, or the C library if there is none.
  private static func answer(
    about name: String, family: AddressFamily?, until deadline: Deadline
  ) throws(IOFailure) -> LookupProcess.Answer {
    guard let process = LookupProcess.current else { return ask(name, family: family, until: deadline) }
    return try process.addresses(of: name, family: family, until: deadline)
      ?? LookupProcess.Answer(
        status: deadline.hasPassed ? csockkit_lookup_in_progress : EAI_AGAIN, code: .interrupted,
        addresses: [])
  }

  /// Asks the C library.
  static func ask(_ name: String, family: AddressFamily?, until deadline: Deadline) -> LookupProcess.Answer {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = family?.domain ?? AF_UNSPEC
    unsafe hints.ai_socktype = Platform.streamSocket
    var list: UnsafeMutablePointer<addrinfo>? = nil
    let status = unsafe csockkit_getaddrinfo(name, &hints, &list, deadline.pollTimeout)
    let code = Errno(rawValue: errno)
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    return LookupProcess.Answer(
      status: status, code: code, addresses: unsafe addresses(in: list))
  }

  private static func words(of status: CInt) -> String {
    unsafe gai_strerror(status).map { unsafe "(\(String(cString: $0)))" } ?? ""
  }

  private static func addresses(in list: UnsafeMutablePointer<addrinfo>?) -> [IPAddress] {
    var result: [IPAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      let copy = unsafe KernelAddress(copying: entry.pointee.ai_addr, length: entry.pointee.ai_addrlen)
      if case .internet(let address, _) = copy.address, !result.contains(address) { result.append(address) }
      unsafe next = entry.pointee.ai_next
    }
    return result
  }
}
