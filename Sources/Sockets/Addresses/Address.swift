// SPDX-License-Identifier: GPL-3.0-or-later

/// The address of a socket: an IP address with a port, an address in the Unix domain, or one of a virtual machine.
package enum Address: Hashable, Sendable {
  /// An IP address and port.
  case internet(IPAddress, port: UInt16)
  /// A socket file.
  case unix(path: String)
  /// A name in Linux's abstract namespace, which leaves no file.
  case abstract(name: String)
  /// A Unix socket that was never bound, as clients are.
  case unnamed
  /// A port of a virtual machine or of its host.
  case vsock(VsockAddress)

  /// The address to bind so that the kernel chooses: every interface and a free port, or an automatic abstract name.
  package static func any(of family: AddressFamily) -> Address {
    switch family {
    case .ipv4: .internet(.anyIPv4, port: 0)
    case .ipv6: .internet(.anyIPv6, port: 0)
    case .unix: .unnamed
    case .vsock: .vsock(.any)
    }
  }

  /// The address's family.
  package var family: AddressFamily {
    switch self {
    case .internet(let address, _): address.family
    case .unix, .abstract, .unnamed: .unix
    case .vsock: .vsock
    }
  }

  /// The IP address without its port; `nil` in other families.
  package var ip: IPAddress? {
    if case .internet(let address, _) = self { address } else { nil }
  }

  /// The port of an IP address.
  package var port: UInt16? {
    if case .internet(_, let port) = self { port } else { nil }
  }

  /// The port in any family that has ports.
  package var portNumber: UInt32? {
    switch self {
    case .internet(_, let port): UInt32(port)
    case .vsock(let address): address.port
    case .unix, .abstract, .unnamed: nil
    }
  }

  /// The address without its port: `192.0.2.1`, `2001:db8::1`, `unix:/run/x.sock`, `vsock:2`.
  package var host: String {
    switch self {
    case .internet(let address, _): "\(address)"
    case .vsock(let address): "vsock:\(address.machine)"
    case .unix, .abstract, .unnamed: "\(self)"
    }
  }

  /// Whether the address fits into a `sockaddr`; a Unix path or name may be too long.
  package var fits: Bool { (try? KernelAddress(self)) != nil }

  /// Whether a reply from an address is a reply to what was sent to this one. An IPv4-mapped IPv6 address equals the
  /// IPv4 address, and the wildcard address is answered by a loopback address.
  package func isAnswered(from source: Address) -> Bool {
    guard case .internet(let asked, let port) = self, case .internet(let answering, port: port) = source
    else {
      return self == source
    }
    let plain = asked.unmapped
    return plain.isAny
      ? answering.isLoopback : plain.bytes == answering.bytes && plain.family == answering.family
  }

  /// Whether data sent to this address reaches a socket of this machine that is bound to `listener`: the same address,
  /// or a wildcard address if this one is a loopback or wildcard address.
  package func reaches(_ listener: Address) -> Bool {
    if case .vsock(let own) = self, case .vsock(let other) = listener { return own.reaches(other) }
    guard case .internet(let own, let port) = self, case .internet(let other, port) = listener, other.isAny
    else {
      return self == listener
    }
    return own.isLoopback || own.isAny
  }

  /// The same address with another port; one of another family as it is.
  package func with(port: UInt16) -> Address {
    if case .internet(let address, _) = self { .internet(address, port: port) } else { self }
  }
}

extension Address {
  /// A Unix address from a path, where a leading `@` means the abstract namespace.
  package init(unixPath path: String) {
    self = path.hasPrefix("@") ? .abstract(name: String(path.dropFirst())) : .unix(path: path)
  }
}

extension Address: CustomStringConvertible {
  /// `192.0.2.1:80`, `[2001:db8::1]:80`, `unix:/run/x.sock`, `unix:@name`, `unix:` or `vsock:2:1234`.
  package var description: String {
    switch self {
    case .internet(let address, let port):
      address.family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    case .unix(let path): "unix:\(path)"
    case .abstract(let name): "unix:@\(name)"
    case .unnamed: "unix:"
    case .vsock(let address): "\(address)"
    }
  }
}
