// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// A program that `sockkit` has to work with.
enum Peer: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case netcat = "nc.openbsd"
  case ncat
  case socat
  case python

  var testDescription: String { rawValue }

  /// The peer as a client of a loopback port.
  func client(of port: UInt16) throws -> Program {
    switch self {
    case .netcat: try .other("nc.openbsd", package: "netcat-openbsd", ["-n", "-N", "127.0.0.1", "\(port)"])
    case .ncat: try .other("ncat", package: "ncat", ["-n", "127.0.0.1", "\(port)"])
    case .socat: try .other("socat", package: "socat", ["-t60", "-", "TCP:127.0.0.1:\(port)"])
    case .python: try .python("connection = connected(arguments[0])\n" + Self.relay, ["\(port)"])
    }
  }

  /// The peer as a server for one client.
  func server(at place: Place) throws -> Program {
    let port = "\(place.port)"
    return switch self {
    case .netcat: try .other("nc.openbsd", package: "netcat-openbsd", ["-n", "-N", "-l", place.host, port])
    case .ncat: try .other("ncat", package: "ncat", ["-n", "-l", place.host, port])
    case .socat:
      try .other("socat", package: "socat", ["-t60", "TCP-LISTEN:\(port),bind=\(place.host),reuseaddr", "-"])
    case .python:
      try .python(
        "connection = socket.create_server((arguments[0], int(arguments[1]))).accept()[0]\n" + Self.relay,
        [place.host, port])
    }
  }

  /// The flags of `sockkit` with which the peer loses nothing: ncat, and nc as a server, exit as soon as the other side
  /// has half-closed, even with unsent data.
  var accommodation: [String] { self == .ncat || self == .netcat ? ["--no-shutdown"] : [] }

  private static let relay = """
    def send():
        while part := os.read(0, 1 << 16):
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
    sender = threading.Thread(target=send)
    sender.start()
    while part := connection.recv(1 << 16):
        while part:
            part = part[os.write(1, part):]
    sender.join()
    """
}

/// Which side listens.
enum Role: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case connect
  case listen

  var testDescription: String { "sockkit \(rawValue)" }
}
