// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Text

/// Prints hosts on standard output.
final class HostPrinter {
  /// The form in which a host is printed.
  enum Format {
    /// Its names and addresses, one per line, and an empty line between hosts.
    case blocks
    /// Its addresses, one per line.
    case short
    /// A JSON object, also if the host was not found.
    case json
  }

  private let format: Format
  private let port: UInt16?
  private var hasPrintedBlock = false

  /// Creates a printer, which adds a port if one is given.
  init(format: Format, port: UInt16?) {
    self.format = format
    self.port = port
  }

  /// Prints the answer to a look-up.
  func print(_ answer: HostAnswer) throws(IOFailure) {
    if case .json = format {
      return try StandardOutput.write(JSONLine.encode(HostRecord(answer, port: port)))
    }
    guard case .success(let entry) = answer.result else { return }
    let lines = format == .short ? shortLines(entry) : block(entry)
    if !lines.isEmpty { try StandardOutput.write(lines.joined(separator: "\n")) }
  }

  private func shortLines(_ entry: HostEntry) -> [String] {
    entry.addresses.map { address in
      port.map { "\(Address.internet(address, port: $0))" } ?? "\(address)"
    }
  }

  private func block(_ entry: HostEntry) -> [String] {
    defer { hasPrintedBlock = true }
    let names = ["name: \(entry.name)"] + entry.aliases.map { "alias: \($0)" }
    // Names come from outside; addresses and ports are formatted here.
    return (hasPrintedBlock ? [""] : []) + names.map(TerminalSafe.escape)
      + entry.addresses.map { "address: \($0)" } + (port.map { ["port: \($0)"] } ?? [])
  }
}
