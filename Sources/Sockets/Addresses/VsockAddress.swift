// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A port of a virtual machine or of its host: a context identifier (CID), which names the machine, and a port of 32
/// bits; see vsock(7).
package struct VsockAddress: Hashable, Sendable {
  /// The context identifier.
  package let machine: Machine
  /// The port.
  package let port: UInt32

  /// A context identifier.
  package struct Machine: Hashable, Sendable, CustomStringConvertible {
    /// The number.
    package let number: UInt32

    /// Creates an identifier.
    package init(_ number: UInt32) { self.number = number }

    /// `VMADDR_CID_ANY`: every identifier of this machine, to listen on.
    package static let any = Machine(UInt32.max)
    /// `VMADDR_CID_LOCAL`: this machine itself.
    package static let local = Machine(1)
    /// `VMADDR_CID_HOST`: the host of this machine.
    package static let host = Machine(2)

    /// Reads a decimal number; `nil` for anything else, and for a number of more than 32 bits.
    package init?(decimal text: some StringProtocol) {
      guard let number = VsockAddress.number(text) else { return nil }
      self.number = number
    }

    /// Reads a decimal number, `any`, `local` or `host`; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
      switch text {
      case "any": self = .any
      case "local": self = .local
      case "host": self = .host
      default: self.init(decimal: text)
      }
    }

    /// The decimal number, or `any`.
    package var description: String { self == .any ? "any" : "\(number)" }
  }

  /// `VMADDR_PORT_ANY`: to listen, a free port that the kernel chooses.
  package static let anyPort = UInt32.max

  /// Every identifier of this machine, and a port that the kernel chooses.
  package static let any = VsockAddress(.any, port: anyPort)

  /// Creates an address.
  package init(_ machine: Machine, port: UInt32) { (self.machine, self.port) = (machine, port) }

  /// The address to bind. Port 0 means the same as the port `any`, as it does for TCP; to the kernel it is a port like
  /// others.
  package var toBind: VsockAddress { port == 0 ? VsockAddress(machine, port: Self.anyPort) : self }

  /// Whether a connection to this address reaches a socket of this machine that is bound to `listener`, as far as that
  /// is known without the identifier of this machine.
  func reaches(_ listener: VsockAddress) -> Bool {
    port == listener.port && (machine == listener.machine || machine == .local && listener.machine == .any)
  }

  /// Reads a decimal number of 32 bits without a sign.
  fileprivate static func number(_ text: some StringProtocol) -> UInt32? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return UInt32(text)
  }
}

extension VsockAddress {
  /// How the words begin that name such an address.
  package static let beginning = "vsock:"

  /// Reads `vsock:CID:PORT`.
  ///
  /// - Parameter word: A word that begins so.
  package init(_ word: String) throws(Endpoint.SyntaxError) {
    let parts = word.dropFirst(Self.beginning.count).split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw Endpoint.SyntaxError("'\(word)': expected vsock:CID:PORT") }
    guard let machine = Machine(parts[0]) else {
      throw Endpoint.SyntaxError(
        "'\(word)': '\(parts[0])' is not a CID: expected 0 to \(UInt32.max - 1), any, local or host")
    }
    try self.init(machine, port: Self.port(parts[1], in: word))
  }

  private static func port(_ text: Substring, in word: String) throws(Endpoint.SyntaxError) -> UInt32 {
    if text == "any" { return anyPort }
    guard let port = number(text), port != anyPort else {
      throw Endpoint.SyntaxError(
        "'\(word)': '\(text)' is not a port: expected 0 to \(UInt32.max - 1), or any to listen")
    }
    return port
  }
}

extension VsockAddress: CustomStringConvertible {
  /// `vsock:2:1234`, `vsock:any:1234` or `vsock:any:any`.
  package var description: String {
    "\(Self.beginning)\(machine):\(port == Self.anyPort ? "any" : "\(port)")"
  }
}
