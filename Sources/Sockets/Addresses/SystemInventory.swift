// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc

/// The choices that this system offers, for messages about a choice that it does not offer.
package enum SystemInventory {
  /// The names of the network interfaces. The corresponding C function is `if_nameindex`.
  package static var interfaces: [String] {
    guard let list = unsafe if_nameindex() else { return [] }
    defer { unsafe if_freenameindex(list) }
    var names: [String] = []
    var next = unsafe list
    while let name = unsafe next.pointee.if_name {
      unsafe names.append(String(cString: name))
      unsafe next += 1
    }
    return names
  }

  /// The addresses of the network interfaces, each once and in order. The corresponding C function is `getifaddrs`.
  package static var addresses: [IPAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return [] }
    defer { unsafe freeifaddrs(list) }
    var addresses: [IPAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      unsafe next = entry.pointee.ifa_next
      guard let address = unsafe entry.pointee.ifa_addr else { continue }
      let length =
        switch unsafe CInt(address.pointee.sa_family) {
        case AF_INET: MemoryLayout<sockaddr_in>.size
        case AF_INET6: MemoryLayout<sockaddr_in6>.size
        default: 0
        }
      guard length > 0,
        case .internet(let own, _)? = unsafe KernelAddress(copying: address, length: socklen_t(length))
          .address,
        !addresses.contains(own)
      else { continue }
      addresses.append(own)
    }
    return addresses
  }

  /// The name of this machine; `nil` if it has none. The corresponding C function is `gethostname`.
  package static var hostName: String? {
    // HOST_NAME_MAX is 64 on Linux.
    var name = [CChar](repeating: 0, count: 65)
    guard unsafe gethostname(&name, name.count - 1) == 0, name[0] != 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The names of the users in `/etc/passwd`.
  package static var users: [String] {
    let lines = ((try? RegularFile.bytes(of: "/etc/passwd")) ?? []).split(separator: UInt8(ascii: "\n"))
    return lines.map { String(decoding: $0.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self) }
  }

  /// The names of the congestion control algorithms that are loaded.
  package static var congestionControls: [String] { KernelParameter.congestionControls.words ?? [] }
}
