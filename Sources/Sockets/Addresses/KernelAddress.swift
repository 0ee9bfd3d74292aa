// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
import SystemPackage

/// An address in the form that system calls take and return: a `sockaddr` of any family and its length.
struct KernelAddress {
  private(set) var storage = sockaddr_storage()
  private(set) var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  /// Storage for an address that a call is about to fill in.
  init() {}

  /// An address that a call has filled in.
  init(_ storage: sockaddr_storage, length: socklen_t = socklen_t(MemoryLayout<sockaddr_storage>.size)) {
    self.storage = storage
    self.length = length
  }

  /// A copy of an address that the C library owns; one that is longer than the storage is ignored.
  init(copying address: UnsafePointer<sockaddr>, length: socklen_t) {
    guard length <= self.length else { return }
    unsafe withUnsafeMutableBytes(of: &storage) {
      unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
    }
    self.length = length
  }

  /// - Throws: `ENAMETOOLONG` if a Unix path or abstract name does not fit into `sun_path`: it is never truncated.
  init(_ address: Address) throws(Errno) {
    switch address {
    case .internet(.ipv4(let bytes), let port):
      var ipv4 = sockaddr_in()
      ipv4.sin_family = sa_family_t(AF_INET)
      ipv4.sin_port = port.bigEndian
      unsafe withUnsafeMutableBytes(of: &ipv4.sin_addr) { unsafe $0.copyBytes(from: bytes) }
      store(ipv4)
    case .internet(.ipv6(let bytes, let zone), let port):
      var ipv6 = sockaddr_in6()
      ipv6.sin6_family = sa_family_t(AF_INET6)
      ipv6.sin6_port = port.bigEndian
      ipv6.sin6_scope_id = zone
      unsafe withUnsafeMutableBytes(of: &ipv6.sin6_addr) { unsafe $0.copyBytes(from: bytes) }
      store(ipv6)
    case .unix(let path):
      try storeUnix(ByteText.bytes(of: path) + [0])
    case .abstract(let name):
      try storeUnix([0] + ByteText.bytes(of: name))
    case .unnamed:
      try storeUnix([])
    case .vsock(let address):
      var vsock = sockaddr_vm()
      vsock.svm_family = sa_family_t(AF_VSOCK)
      vsock.svm_cid = address.machine.number
      vsock.svm_port = address.port
      store(vsock)
    }
  }

  private mutating func store<Form>(_ form: Form) {
    unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: form, as: Form.self) }
    length = socklen_t(MemoryLayout<Form>.size)
  }

  private mutating func storeUnix(_ path: [UInt8]) throws(Errno) {
    var unix = sockaddr_un()
    unix.sun_family = sa_family_t(AF_UNIX)
    guard path.count <= Self.longestPath + 1 else { throw .fileNameTooLong }
    unsafe withUnsafeMutableBytes(of: &unix.sun_path) { unsafe $0.copyBytes(from: path) }
    store(unix)
    length = socklen_t(Self.pathOffset + path.count)
  }

  /// The maximum length in bytes of a Unix path, which ends with a zero byte, or of an abstract name, which begins with
  /// one.
  static var longestPath: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1 }

  private static var pathOffset: Int { MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2 }

  /// The address as a value; an IPv4-mapped address of an IPv6 socket becomes plain IPv4. `nil` for a family that
  /// sockkit does not support.
  var address: Address? {
    switch CInt(storage.ss_family) {
    case AF_INET:
      let ipv4 = load(sockaddr_in.self)
      let bytes = unsafe withUnsafeBytes(of: ipv4.sin_addr) { unsafe Array($0) }
      return .internet(.ipv4(bytes), port: UInt16(bigEndian: ipv4.sin_port))
    case AF_INET6:
      let ipv6 = load(sockaddr_in6.self)
      let bytes = unsafe withUnsafeBytes(of: ipv6.sin6_addr) { unsafe Array($0) }
      let address = IPAddress.ipv6(bytes, zone: ipv6.sin6_scope_id)
      return .internet(address.unmapped, port: UInt16(bigEndian: ipv6.sin6_port))
    case AF_UNIX:
      let count = Int(length) - Self.pathOffset
      guard count > 0 else { return .unnamed }
      let unix = load(sockaddr_un.self)
      let path = unsafe withUnsafeBytes(of: unix.sun_path) { unsafe Array($0.prefix(count)) }
      return path[0] == 0
        ? .abstract(name: ByteText.text(of: path.dropFirst()))
        : .unix(path: ByteText.text(of: path.prefix { $0 != 0 }))
    case AF_VSOCK:
      let vsock = load(sockaddr_vm.self)
      return .vsock(VsockAddress(VsockAddress.Machine(vsock.svm_cid), port: vsock.svm_port))
    default:
      return nil
    }
  }

  private func load<Form>(_ form: Form.Type) -> Form {
    unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: form) }
  }

  /// Passes the address to a call that reads it.
  func read<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var copy = storage
    return unsafe withUnsafeMutablePointer(to: &copy) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
    }
  }

  /// Passes the storage to a call that fills it in.
  mutating func write<Result>(
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
  ) -> Result {
    length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe body(address, &length)
      }
    }
  }
}
