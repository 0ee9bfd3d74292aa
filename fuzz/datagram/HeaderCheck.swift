// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes
import Sockets
import Text

/// Reads the headers of datagrams that a SOCKS proxy relays.
enum HeaderCheck {
  /// Stops the program if a header is read otherwise than RFC 1928, section 7, says.
  static func check(_ datagram: [UInt8]) {
    let header = SOCKSDatagram(datagram.span)
    guard datagram.count >= 4, datagram[0] == 0, datagram[1] == 0, let length = length(of: datagram),
      datagram.count >= length
    else {
      precondition(header == nil, "a datagram has a header that is none")
      return
    }
    let host = datagram[4..<length - 2]
    let isNameValid = datagram[3] != 3 || isName(host.dropFirst())
    precondition((header != nil) == isNameValid, "a header is not read")
    guard let header else { return }
    precondition(header.fragment == datagram[2], "the number of the fragment is another one")
    precondition(header.headerLength == length, "the payload begins elsewhere")
    precondition(
      header.peer.port == UInt16(datagram[length - 2]) << 8 | UInt16(datagram[length - 1]),
      "the port is another one")
    switch header.peer.host {
    case .name(let name):
      precondition(datagram[3] == 3 && name.utf8.elementsEqual(host.dropFirst()), "the name is another one")
    case .address(let address):
      if datagram[3] == 3 {
        precondition(IPAddress(String(decoding: host.dropFirst(), as: UTF8.self)) == address)
      } else {
        precondition(address.bytes == Array(host) && !address.hasZone, "the address is another one")
      }
    }
    // What is written for the peer is read again.
    let again = SOCKSDatagram.header(for: header.peer) + [1]
    precondition(SOCKSDatagram(again.span)?.peer == header.peer, "a header is not read as it was written")
  }

  /// The number of bytes up to the payload; `nil` if the type of the address is unknown.
  private static func length(of datagram: [UInt8]) -> Int? {
    switch datagram[3] {
    case 1: 4 + 4 + 2
    case 3: datagram.count > 4 ? 4 + 1 + Int(datagram[4]) + 2 : nil
    case 4: 4 + 16 + 2
    default: nil
    }
  }

  private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { $0.isLetter || $0.isDigit || "-._".utf8.contains($0) }
  }
}
