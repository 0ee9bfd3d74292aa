// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SockkitCore

/// What a check found out about a port, or a Unix socket, as a line of JSON.
struct PortRecord: Encodable {
  private var port: UInt16?
  private var path: String?
  private let state: String
  private let milliseconds: Double

  /// Creates the record of a port.
  init(_ state: PortState) {
    switch state.address {
    case .internet(_, let port): self.port = port
    case .unix(let path): self.path = path
    case .abstract(let name): path = "@\(name)"
    case .unnamed: path = ""
    }
    self.state = state.verdict.rawValue
    milliseconds = Double(state.duration.nanosecondsClamped) / 1e6
  }
}
