// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

// These take the places of the functions of the C library, and answer what `GivenAnswer` says.

/// gethostbyname2_r(3).
@_cdecl("gethostbyname2_r")
func givenHostByName(
  _ name: UnsafePointer<CChar>, _ family: CInt, _ entry: UnsafeMutablePointer<hostent>,
  _ buffer: UnsafeMutablePointer<CChar>, _ size: Int,
  _ found: UnsafeMutablePointer<UnsafeMutablePointer<hostent>?>, _ error: UnsafeMutablePointer<CInt>
) -> CInt {
  unsafe GivenAnswer.question = unsafe Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
  return unsafe answer(entry, buffer, size, found, error)
}

/// gethostbyaddr_r(3).
@_cdecl("gethostbyaddr_r")
func givenHostByAddress(
  _ address: UnsafeRawPointer, _ length: socklen_t, _ family: CInt, _ entry: UnsafeMutablePointer<hostent>,
  _ buffer: UnsafeMutablePointer<CChar>, _ size: Int,
  _ found: UnsafeMutablePointer<UnsafeMutablePointer<hostent>?>, _ error: UnsafeMutablePointer<CInt>
) -> CInt {
  unsafe GivenAnswer.question = unsafe Array(UnsafeRawBufferPointer(start: address, count: Int(length)))
  return unsafe answer(entry, buffer, size, found, error)
}

/// The errors of `h_errno` in the order in which a status selects them.
let hostErrors = [HOST_NOT_FOUND, NO_DATA, TRY_AGAIN, NO_RECOVERY, NETDB_INTERNAL, 99]
/// The errors of getaddrinfo(3) in the order in which a status selects them.
let addressErrors = [EAI_NONAME, EAI_AGAIN, EAI_FAIL, EAI_FAMILY, EAI_MEMORY, EAI_SYSTEM, EAI_SERVICE]

/// Fills an entry whose parts are in a buffer, as the C library does.
private func answer(
  _ entry: UnsafeMutablePointer<hostent>, _ buffer: UnsafeMutablePointer<CChar>, _ size: Int,
  _ found: UnsafeMutablePointer<UnsafeMutablePointer<hostent>?>, _ error: UnsafeMutablePointer<CInt>
) -> CInt {
  let given = unsafe GivenAnswer.current
  unsafe found.pointee = nil
  guard given.status == 0 else {
    let code = hostErrors[Int(given.status) % hostErrors.count]
    unsafe error.pointee = code
    // Without an entry, the result is that of a success unless the system has failed.
    return code == NETDB_INTERNAL ? EIO : 0
  }
  let pointers = given.names.count + given.addresses.count + 1
  let needed =
    16 + 8 * pointers + given.names.map { $0.count + 1 }.reduce(0, +) + given.addresses.joined().count
  guard size >= needed else {
    unsafe error.pointee = NETDB_INTERNAL
    return ERANGE
  }
  let start = unsafe UnsafeMutableRawPointer(buffer).alignedUp(toMultipleOf: 8)
  let table = unsafe start.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
  var (next, index) = unsafe (start + 8 * pointers, 0)
  func place(_ part: [UInt8]) -> UnsafeMutablePointer<CChar> {
    unsafe next.copyMemory(from: part, byteCount: part.count)
    defer { unsafe next += part.count }
    return unsafe next.assumingMemoryBound(to: CChar.self)
  }
  func list(_ parts: some Sequence<[UInt8]>) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    let first = unsafe table + index
    for part in parts {
      unsafe table[index] = unsafe place(part)
      index += 1
    }
    unsafe table[index] = nil
    index += 1
    return unsafe first
  }
  unsafe entry.pointee = unsafe hostent(
    h_name: place(given.names[0] + [0]), h_aliases: list(given.names.dropFirst().map { $0 + [0] }),
    h_addrtype: given.isIPv6 ? AF_INET6 : AF_INET, h_length: given.isIPv6 ? 16 : 4,
    h_addr_list: list(given.addresses))
  unsafe found.pointee = unsafe entry
  return 0
}

/// getaddrinfo(3).
@_cdecl("getaddrinfo")
func givenAddresses(
  _ name: UnsafePointer<CChar>?, _ service: UnsafePointer<CChar>?, _ hints: UnsafePointer<addrinfo>?,
  _ list: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>
) -> CInt {
  let given = unsafe GivenAnswer.current
  unsafe GivenAnswer.question = unsafe name.map {
    unsafe Array(UnsafeRawBufferPointer(start: $0, count: strlen($0)))
  }
  unsafe list.pointee = nil
  guard given.status == 0 else { return addressErrors[Int(given.status) % addressErrors.count] }
  for address in given.addresses.reversed() {
    let storage = UnsafeMutablePointer<sockaddr_in6>.allocate(capacity: 1)
    unsafe storage.initialize(to: sockaddr_in6())
    let length: Int
    if given.isIPv6 {
      unsafe storage.pointee.sin6_family = sa_family_t(AF_INET6)
      unsafe withUnsafeMutableBytes(of: &storage.pointee.sin6_addr) { unsafe $0.copyBytes(from: address) }
      length = MemoryLayout<sockaddr_in6>.size
    } else {
      length = MemoryLayout<sockaddr_in>.size
      unsafe UnsafeMutableRawPointer(storage).withMemoryRebound(to: sockaddr_in.self, capacity: 1) { ipv4 in
        unsafe ipv4.pointee.sin_family = sa_family_t(AF_INET)
        unsafe withUnsafeMutableBytes(of: &ipv4.pointee.sin_addr) { unsafe $0.copyBytes(from: address) }
      }
    }
    let entry = UnsafeMutablePointer<addrinfo>.allocate(capacity: 1)
    unsafe entry.initialize(to: addrinfo())
    unsafe entry.pointee.ai_addr = unsafe UnsafeMutableRawPointer(storage).assumingMemoryBound(
      to: sockaddr.self)
    unsafe entry.pointee.ai_addrlen = socklen_t(length)
    unsafe entry.pointee.ai_next = unsafe list.pointee
    unsafe list.pointee = unsafe entry
  }
  return 0
}

/// freeaddrinfo(3).
@_cdecl("freeaddrinfo")
func freeGivenAddresses(_ list: UnsafeMutablePointer<addrinfo>?) {
  var next = unsafe list
  while let entry = unsafe next {
    unsafe next = unsafe entry.pointee.ai_next
    unsafe UnsafeMutableRawPointer(entry.pointee.ai_addr).deallocate()
    unsafe entry.deallocate()
  }
}
