// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What a command line of `nc` connects to or listens on.
package enum NetcatTarget: Equatable, Sendable {
  /// A listening socket.
  case listen(Endpoint)
  /// The ports of a host, in the order in which they are tried.
  case connect(host: String, ports: [UInt16])
  /// The socket at a path, or with a name.
  case unix(String)

  /// Reads the operands, under the rules of Debian's build.
  ///
  /// - Throws: The usage error of the original.
  package init(_ options: NetcatOptions, of program: ProgramName) throws(ProgramMessage) {
    func refuse(_ text: String) -> ProgramMessage { .error(["\(program.base): \(text)"], status: 1) }
    let usage = ProgramMessage.error(NetcatUsage.lines, status: 1)
    let words = options.operands
    if options.isUnix {
      guard words.count < 2 else { throw refuse("cannot use port with -U") }
      guard words.count == 1 else { throw options.listens ? refuse("missing socket pathname") : usage }
      self = options.listens ? .listen(.unix(words[0])) : .unix(words[0])
    } else if options.listens {
      switch words.count {
      case 0:
        guard let port = options.sourcePort else { throw refuse("missing port number") }
        self = .listen(Self.listening(options.source, port: port, options.family))
      case 1 where options.sourcePort == nil && options.source == nil:
        self = .listen(Self.listening(nil, port: words[0], options.family))
      case 2 where options.sourcePort == nil && options.source == nil:
        self = .listen(Self.listening(words[0], port: words[1], options.family))
      default: throw usage
      }
    } else {
      guard let host = words.first else { throw usage }
      guard words.count > 1 else { throw refuse("missing port number") }
      var ports: [UInt16] = []
      for word in words.dropFirst() { ports += try Self.ports(word, options, refuse) }
      self = .connect(host: host, ports: options.isRandom ? ports.shuffled() : ports)
    }
  }

  /// Without a host the original listens on all addresses of IPv4 only, and with `-6` on those of both.
  private static func listening(_ host: String?, port: String, _ family: AddressFamily?) -> Endpoint {
    .internet(host: host ?? (family == .ipv6 ? "::" : "0.0.0.0"), port: port)
  }

  private static func ports(
    _ word: String, _ options: NetcatOptions, _ refuse: (String) -> ProgramMessage
  ) throws(ProgramMessage) -> [UInt16] {
    if let port = ServiceDatabase.port(of: word, protocol: options.isUDP ? "udp" : "tcp") {
      return [port]
    }
    guard let first = word.utf8.first, "+0123456789".utf8.contains(first) else {
      throw refuse("service \"\(word)\" unknown")
    }
    func number(_ text: Substring) throws(ProgramMessage) -> UInt16 {
      do { return UInt16(try BoundedNumber.parse(String(text), in: 1...Int(UInt16.max))) } catch {
        throw refuse("port number \(error.rawValue): \(text)")
      }
    }
    let ends = word.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let low = try number(ends[0])
    guard ends.count > 1 else { return [low] }
    let high = try number(ends[1])
    return Array(min(low, high)...max(low, high))
  }
}
