// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// An address in JSON: `{"address", "port"}`, or `{"path"}` in the Unix domain, `{"cid", "port"}` between virtual
/// machines.
package struct AddressRecord: Encodable {
  private var address: String?
  private var cid: UInt32?
  private var port: UInt32?
  private var path: String?

  /// Creates the record of an address.
  package init(_ address: Address) {
    switch address {
    case .internet(let ip, let port):
      self.address = "\(ip)"
      self.port = UInt32(port)
    case .unix(let path): self.path = TerminalSafe.escapeBytes(path)
    case .abstract(let name): path = TerminalSafe.escapeBytes("@\(name)")
    case .unnamed: path = ""
    case .vsock(let address): (cid, port) = (address.machine.number, address.port)
    }
  }
}
