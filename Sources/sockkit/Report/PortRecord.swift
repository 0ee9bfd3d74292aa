// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Text

/// The result of checking a port, or a Unix socket, as a line of JSON.
struct PortRecord: Encodable {
  private var host: String?
  private var port: UInt16?
  private var path: String?
  private let state: String
  private let milliseconds: Double

  /// Creates the record of a port.
  init(_ state: PortState) {
    if state.address?.family == .unix {
      path = TerminalSafe.escapeBytes(state.host)
    } else {
      (host, port) = (TerminalSafe.escapeBytes(state.host), state.port)
    }
    self.state = state.verdict.rawValue
    milliseconds = Double(state.duration.nanosecondsClamped) / 1e6
  }
}
