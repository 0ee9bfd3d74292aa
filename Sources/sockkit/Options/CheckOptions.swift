// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// The check whether ports are open, instead of a connection.
struct CheckOptions: ParsableArguments {
  @Flag(
    name: [.customShort("z"), .customLong("check")],
    help: ArgumentHelp(
      "Only check whether ports are open.",
      discussion:
        "Status 0 if all are. PORT may be a list with ranges (22,https,8000-8010), and several HOST:PORTS "
        + "may be given; -w is for each port, -v and --json report each."))
  var isCheck = false

  /// Rejects options that would have no effect.
  func validate(_ options: ConnectionOptions) throws {
    guard isCheck else { return try options.measuring.validateJSON() }
    let flags =
      options.streams.flags + [(options.timing.idleTimeout != nil, "-i")] + options.measuring.flags
      + [(options.socket.fastOpen, "--fast-open"), (options.mode.blocking, "--blocking")]
      + options.filters.flags + options.interaction.flags
    guard let flag = flags.first(where: \.isGiven) else { return }
    throw ValidationError("\(flag.name) has no effect with -z, which sends and receives nothing")
  }

  /// The hosts and ports to check: several hosts if each word has a colon, otherwise one host, whose ports may be
  /// separate words as for `nc`.
  func targets(_ words: [String], _ addressing: AddressingOptions) throws -> [(
    endpoint: Endpoint, ports: [UInt16]
  )] {
    if words.count > 1, words.allSatisfy({ $0.contains(":") }) {
      return try words.map { try target([$0], addressing) }
    }
    if let odd = words.dropFirst().first(where: { $0.contains(":") }) {
      throw ValidationError("'\(odd)' is not a port (with several hosts, each is one word: HOST:PORTS)")
    }
    return [try target(words, addressing)]
  }

  private func target(_ words: [String], _ addressing: AddressingOptions) throws -> (Endpoint, [UInt16]) {
    var name = Array(words.prefix(addressing.addressWordCount(in: words)))
    let more = words.dropFirst(name.count)
    if let last = name.last, !more.isEmpty, !Endpoint.isWhole(last) {
      name[name.count - 1] = ([last] + more).joined(separator: ",")
    } else {
      name += more
    }
    let endpoint = try addressing.remoteEndpoint(name)
    guard case .internet(_, let list) = endpoint else { return (endpoint, [0]) }
    do {
      return (endpoint, try PortList(list).ports)
    } catch let error as PortList.SyntaxError {
      throw ValidationError("\(error)")
    } catch let error as ResolutionError {
      throw Failure(error)
    }
  }

  /// Rejects a list of ports in the place of a single port.
  static func refuseList(_ endpoint: Endpoint) throws {
    guard case .internet(_, let port) = endpoint, PortList.isSeveral(port) else { return }
    throw ValidationError("'\(port)' lists several ports (to check whether they are open, use '-z')")
  }
}
