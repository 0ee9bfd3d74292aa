// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import HTTP
import Sockets
import SystemPackage
import Text

/// The values of flags, parsed strictly: anything else is a usage error that names what is accepted.
enum ValueArgument {
  /// A duration of zero or more.
  static func duration(_ text: String) throws -> Duration {
    guard let duration = DurationFormat.parse(text) else {
      throw Refusal(DurationFormat.expected(insteadOf: text))
    }
    return duration
  }

  /// A duration, or `forever`.
  static func inputWait(_ text: String) throws -> InputWait {
    if text == "forever" { return .unlimited }
    guard let duration = DurationFormat.parse(text) else {
      throw Refusal(DurationFormat.expected(insteadOf: text) + ", or 'forever'")
    }
    return .limited(duration)
  }

  /// A size that a socket option can hold.
  static func socketBufferSize(_ text: String) throws -> Int {
    guard let size = SizeFormat.parse(text), (1...Int(Int32.max)).contains(size) else {
      throw Refusal(SizeFormat.expected(insteadOf: text, ", at least 1 and below 2G"))
    }
    return size
  }

  /// A size of a file.
  static func fileSize(_ text: String) throws -> Int {
    guard let size = SizeFormat.parse(text), size > 0 else {
      throw Refusal(SizeFormat.expected(insteadOf: text, ", at least 1"))
    }
    return size
  }

  /// A time that the kernel takes in seconds, such as an interval between keep-alive probes.
  static func seconds(_ text: String) throws -> Duration {
    guard let duration = DurationFormat.parse(text), (.seconds(1)...(.seconds(32_767))).contains(duration)
    else {
      throw Refusal(DurationFormat.accepted + ", from 1s to 32767s")
    }
    return duration
  }

  /// A time to live or hop limit, 1 to 255.
  static func timeToLive(_ text: String) throws -> Int {
    try number(text, in: 1...255)
  }

  /// The maximum number of processes that one command may have at work.
  static let mostJobs = 256

  /// The number of processes that work at the same time.
  static func jobs(_ text: String) throws -> Int {
    try number(text, in: 1...mostJobs)
  }

  /// A DSCP by name or number.
  static func differentiatedServices(_ text: String) throws -> DifferentiatedServices {
    guard let value = DifferentiatedServices(text) else {
      let names = DifferentiatedServices.names.map(\.name).joined(separator: ", ")
      throw Refusal("one of \(names), or a number from 0 to 63")
    }
    return value
  }

  /// A whole byte for the type of service, by name or number.
  static func typeOfService(_ text: String) throws -> DifferentiatedServices {
    guard let value = DifferentiatedServices(wholeByte: text) else {
      let names = DifferentiatedServices.classicNames.map(\.name).joined(separator: ", ")
      throw Refusal("one of \(names), or a number from 0 to 255 (for a DSCP, use '--dscp NAME')")
    }
    return value
  }

  /// A least time to live or hop limit, 0 to 255.
  static func minimumTimeToLive(_ text: String) throws -> Int {
    try number(text, in: 0...255)
  }

  /// The size of a segment that the kernel takes.
  static func segmentSize(_ text: String) throws -> Int {
    try number(text, in: 88...32_767)
  }

  /// The mark of a socket, decimal or `0x` hexadecimal.
  static func mark(_ text: String) throws -> UInt32 {
    guard let value = WholeNumber.parse(text).flatMap({ UInt32(exactly: $0) }) else {
      throw Refusal("a number from 0 to \(UInt32.max), decimal or 0x hexadecimal")
    }
    return value
  }

  private static func number(_ text: String, in range: ClosedRange<Int>) throws -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw Refusal("a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Any socket option.
  static func socketOption(_ text: String) throws -> RequestedOption {
    do throws(RequestedOption.SyntaxError) { return try RequestedOption(text) } catch {
      throw Refusal(error.expected)
    }
  }

  /// The name of an existing interface.
  static func interfaceName(_ text: String) throws -> String {
    let names = SystemInventory.interfaces
    guard names.contains(text) else { throw Refusal("one of \(names.joined(separator: ", "))") }
    return text
  }

  /// A port number, or a possible name of a service.
  static func port(_ text: String) throws -> String {
    let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard isNumber ? UInt16(text) != nil : !text.hasPrefix("-") else {
      throw Refusal("a port number from 0 to 65535 or a service name")
    }
    return text
  }

  /// A number of times, at least one.
  static func count(_ text: String) throws -> Int {
    guard let number = Int(text), number > 0 else { throw Refusal("a whole number, at least 1") }
    return number
  }

  /// A descriptor that the program has inherited, other than the standard streams.
  static func openDescriptor(_ text: String) throws -> FileDescriptor {
    guard let number = CInt(text), number > 2 else {
      throw Refusal("a descriptor from 3 on, such as 3 with 3>ready or 3>&1")
    }
    let descriptor = FileDescriptor(rawValue: number)
    guard ReadyDescriptor.isOpen(descriptor) else {
      throw Refusal("an open descriptor, such as 3 with 3>ready")
    }
    return descriptor
  }

  /// The maximum number of event loops of one server.
  static let mostWorkers = 1024

  /// The number of event loops, each with a thread, a listening socket and a queue of its own.
  static func workers(_ text: String) throws -> Int {
    try number(text, in: 1...mostWorkers)
  }

  /// The size of a datagram, up to the longest possible one.
  static func datagramSize(_ text: String) throws -> Int {
    let most = Datagram.maximumLength(over: .ipv6)
    guard let size = SizeFormat.parse(text), (1...most).contains(size) else {
      throw Refusal(SizeFormat.expected(insteadOf: text, ", from 1 to \(most)"))
    }
    return size
  }

  /// The size of an operand of the calculator: at least 64 bits, and at most 64 MiB.
  static func operandSize(_ text: String) throws -> Int {
    guard let size = SizeFormat.parse(text), (8...64 << 20).contains(size) else {
      throw Refusal(SizeFormat.expected(insteadOf: text, ", from 8 to 64M"))
    }
    return size
  }

  /// Datagrams per second, as the time from one to the next.
  static func datagramRate(_ text: String) throws -> Duration {
    let isPlain = text.utf8.allSatisfy {
      $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
    guard isPlain, let rate = Double(text), (1e-6...1e9).contains(rate) else {
      throw Refusal("a number of datagrams a second, above 0 and up to 1000000000")
    }
    return .nanoseconds(Int64((1e9 / rate).rounded()))
  }

  /// Bytes per second.
  static func rate(_ text: String) throws -> Int {
    let size = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
    guard let rate = SizeFormat.parse(size), rate > 0 else {
      throw Refusal(SizeFormat.expected(insteadOf: text, ", per second and at least 1"))
    }
    return rate
  }

  /// The name of a file for bytes. `-` is rejected, because standard output and standard error have other uses.
  static func recordFile(_ text: String) throws -> String {
    guard !text.isEmpty, text != "-" else { throw Refusal("the name of a file; './-' is one called '-'") }
    return text
  }

  /// A text with backslash escapes, as bytes.
  static func escapedText(_ text: String) throws -> [UInt8] {
    guard let bytes = TextEscapes.bytes(of: text) else { throw Refusal(TextEscapes.accepted) }
    return bytes
  }

  /// A network, or a single address.
  static func network(_ text: String) throws -> Network {
    guard let network = Network(text) else {
      throw Refusal(Network.expected(insteadOf: text))
    }
    return network
  }

  /// A numeric address.
  static func ipAddress(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text) else { throw Refusal("a numeric IPv4 or IPv6 address") }
    return address
  }

  /// A multicast group, with the interface to receive it on.
  static func multicastMembership(_ text: String) throws -> MulticastMembership {
    guard let membership = MulticastMembership(text) else {
      throw Refusal(
        "GROUP or GROUP%INTERFACE, a group being 224.0.0.0 to 239.255.255.255 or ff00::/8, an interface "
          + "one of \(SystemInventory.interfaces.joined(separator: ", "))")
    }
    return membership
  }

  /// A header field of an answer over HTTP.
  static func headerField(_ text: String) throws -> HTTPAddedField {
    try headerField(text, reserved: HTTPAddedField.reserved, by: "server")
  }

  /// The same for a request to a proxy.
  static func proxyField(_ text: String) throws -> HTTPAddedField {
    try headerField(text, reserved: HTTPAddedField.reservedForProxies, by: "client")
  }

  private static func headerField(
    _ text: String, reserved: [String], by side: String
  ) throws -> HTTPAddedField {
    do throws(HTTPAddedField.Fault) {
      return try HTTPAddedField(text, reserved: reserved)
    } catch {
      switch error {
      case .malformed:
        throw Refusal("'NAME: VALUE', the name of a header field and a value without control characters")
      case .reserved:
        throw Refusal(
          "a field that the \(side) does not set itself, as it does \(reserved.joined(separator: ", "))"
        )
      }
    }
  }

  /// A network or a name, and optionally a list of ports.
  static func targetRule(_ text: String) throws -> TargetRules.Rule {
    do { return try TargetRules.Rule(text) } catch { throw Refusal("\(error)") }
  }

  /// An address with a port.
  static func socketAddress(_ text: String) throws -> Address {
    guard case .internet(let host?, let port)? = try? Endpoint(text), let address = IPAddress(host),
      let number = UInt16(port)
    else { throw Refusal("an address and a port such as 192.0.2.1:1234 or [2001:db8::1]:1234") }
    return .internet(address, port: number)
  }

  /// A user, and perhaps a group.
  static func account(_ text: String) throws -> Account {
    do { return try Account(text) } catch { throw Refusal(fact: "\(error)") }
  }

  /// The user, with a group, that a process runs as.
  static func processAccount(_ text: String) throws -> Account {
    do { return try Account(text, isOfProcess: true) } catch { throw Refusal(fact: "\(error)") }
  }

  /// The permission bits of a file, in octal.
  static func fileMode(_ text: String) throws -> UInt32 {
    guard text.utf8.allSatisfy({ (0x30...0x37).contains($0) }), let mode = UInt32(text, radix: 8),
      mode <= 0o777
    else { throw Refusal("permissions in octal, from 0 to 0777") }
    return mode
  }

  /// A text that is not empty.
  static func nonEmpty(_ text: String) throws -> String {
    guard !text.isEmpty else { throw Refusal("a text that is not empty") }
    return text
  }

  /// The end of the message `invalid value '…' for …`.
  private struct Refusal: Error, CustomStringConvertible {
    let description: String
    /// Creates the message from a description of what is accepted.
    init(_ accepted: String) { description = "expected \(accepted)" }
    /// Creates the message from what is wrong.
    init(fact: String) { description = fact }
  }
}
