// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import SystemPackage

/// The file from which a script reads the port of a server.
struct PortFile {
  /// The path of the file.
  let path: String

  /// Writes the decimal port and a newline, at once.
  func write(_ port: UInt32) throws(Failure) {
    try judging { () throws(IOFailure) in
      try ReplacedFile.write(
        "\(port)\n".utf8, to: path, permissions: [.ownerReadWrite, .groupRead, .otherRead])
    }
  }
}
