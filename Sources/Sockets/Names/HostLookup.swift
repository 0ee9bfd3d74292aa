// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// One query about a host to the system's resolver, as `gethostbyname` sends it: a name in one family, or an address in
/// reverse.
///
/// `getaddrinfo`, which `Resolver` uses to connect, returns no aliases.
package struct HostLookup: Equatable, Sendable {
  /// The name or numeric address.
  package let query: String
  /// The family of the requested addresses.
  package let family: AddressFamily

  private static let firstBuffer = 4096
  private static let largestBuffer = 16 << 20

  /// The maximum length of a DNS name in text form, in bytes, and of one label.
  private static let longestName = 253
  private static let longestLabel = 63

  /// Creates a query.
  package init(_ query: String, _ family: AddressFamily) {
    self.query = query
    self.family = family
  }

  /// The queries that together cover a host, in both families or in one.
  package static func all(of query: String, family: AddressFamily? = nil) -> [HostLookup] {
    if let family { return [HostLookup(query, family)] }
    if let address = IPAddress(query) { return [HostLookup(query, address.family)] }
    return [HostLookup(query, .ipv4), HostLookup(query, .ipv6)]
  }

  /// Sends the query to the resolver.
  ///
  /// It takes as long as the resolver takes, and cannot be cancelled: it has to run in a `WorkerProcess`.
  package func entry() throws(LookupFailure) -> HostEntry {
    if let address = IPAddress(query) { return try entry(of: address) }
    let name = try InternationalName.encode(query)
    do {
      return unsafe try Self.call("gethostbyname2_r(\"\(name)\", \(family.domainName))") {
        unsafe gethostbyname2_r(name, family.domain, $0, $1, $2, $3, $4)
      }
    } catch {
      // The resolver fails with NO_RECOVERY on a name that DNS cannot encode.
      throw error.verdict == .noRecovery && !Self.isPossible(name) ? LookupFailure(.hostNotFound) : error
    }
  }

  /// Looks an address up in reverse. The corresponding C function is `gethostbyaddr_r`.
  private func entry(of address: IPAddress) throws(LookupFailure) -> HostEntry {
    guard family == address.family else {
      throw LookupFailure(.noData, "Address family for hostname not supported")
    }
    let plain = address.unmapped
    let bytes =
      switch plain {
      case .ipv4(let bytes), .ipv6(let bytes, _): bytes
      }
    let entry = unsafe try Self.call("gethostbyaddr_r(\(plain), \(plain.family.domainName))") {
      unsafe gethostbyaddr_r(bytes, socklen_t(bytes.count), plain.family.domain, $0, $1, $2, $3, $4)
    }
    return HostEntry(name: entry.name, aliases: entry.aliases, addresses: [plain])
  }

  private static func isPossible(_ name: String) -> Bool {
    let bytes = name.hasSuffix(".") ? name.utf8.dropLast() : name.utf8[...]
    let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return bytes.count <= longestName && labels.allSatisfy { (1...longestLabel).contains($0.count) }
  }

  // MARK: The C library

  /// A function of the `gethostby..._r` kind: result, buffer and its size, found entry, `h_errno`.
  private typealias Function = (
    UnsafeMutablePointer<hostent>, UnsafeMutablePointer<CChar>, Int,
    UnsafeMutablePointer<UnsafeMutablePointer<hostent>?>, UnsafeMutablePointer<CInt>
  ) -> CInt

  /// Calls such a function and traces the call.
  private static func call(
    _ invocation: @autoclosure () -> String, _ function: Function
  ) throws(LookupFailure) -> HostEntry {
    let start: Deadline = .now
    let result = unsafe read(function)
    if Trace.isEnabled { Trace.report(invocation(), result: text(of: result), since: start) }
    return try result.get()
  }

  /// Calls such a function, and repeats it with a larger buffer as long as it reports that the buffer is too small.
  private static func read(_ function: Function) -> Result<HostEntry, LookupFailure> {
    let storage = UnsafeMutablePointer<hostent>.allocate(capacity: 1)
    defer { unsafe storage.deallocate() }
    var size = firstBuffer
    while true {
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { unsafe buffer.deallocate() }
      var found: UnsafeMutablePointer<hostent>? = nil
      var hostError: CInt = 0
      let status = unsafe function(storage, buffer, size, &found, &hostError)
      guard status == ERANGE, size < largestBuffer else {
        if status == 0, let found = unsafe found { return unsafe .success(HostEntry(copying: found.pointee)) }
        return .failure(LookupFailure(hostError: hostError, code: Errno(rawValue: status)))
      }
      size *= 4
    }
  }

  private static func text(of result: Result<HostEntry, LookupFailure>) -> String {
    switch result {
    case .success(let entry):
      "0 \(entry.name): \(entry.addresses.map(\.description).joined(separator: ", "))"
    case .failure(let failure): "\(failure.verdict.rawValue) (\(failure.message))"
    }
  }
}

extension LookupFailure {
  /// Converts an `h_errno`; `code` is the function's result, used for `NETDB_INTERNAL` only.
  fileprivate init(hostError: CInt, code: Errno) {
    switch hostError {
    case HOST_NOT_FOUND: self.init(.hostNotFound)
    case NO_DATA: self.init(Verdict.noData)
    case TRY_AGAIN: self.init(.tryAgain)
    case NO_RECOVERY: self.init(.noRecovery)
    case NETDB_INTERNAL: self.init(code)
    default: self.init(.noRecovery)
    }
  }
}

extension HostEntry {
  /// Copies an entry that the C library owns.
  fileprivate init(copying entry: hostent) {
    var aliases: [String] = []
    var alias = unsafe entry.h_aliases
    while let text = unsafe alias?.pointee {
      unsafe aliases.append(String(cString: text))
      unsafe alias = unsafe alias?.advanced(by: 1)
    }
    var addresses: [IPAddress] = []
    var address = unsafe entry.h_addr_list
    while let bytes = unsafe address?.pointee {
      let copy = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(entry.h_length)))
      addresses.append(unsafe entry.h_addrtype == AF_INET ? .ipv4(copy) : .ipv6(copy, zone: 0))
      unsafe address = unsafe address?.advanced(by: 1)
    }
    self.init(
      name: unsafe entry.h_name.map { unsafe String(cString: $0) } ?? "", aliases: aliases,
      addresses: addresses)
  }
}
