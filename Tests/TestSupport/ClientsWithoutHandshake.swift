// SPDX-License-Identifier: GPL-3.0-or-later

extension RunningProgram {
  /// Starts twenty clients of a server that waits for a handshake: one sends a line of another
  /// protocol, and ``silentClients`` of them send nothing.
  ///
  /// Returns when all are connected. Once the input of the program is closed, the program ends as
  /// soon as the server has ended every connection.
  public static func clientsWithoutHandshake(
    at port: String, sending line: String
  ) async throws -> RunningProgram {
    let clients = try RunningProgram.python(
      """
      clients = [connected(arguments[0]) for _ in range(\(silentClients + 1))]
      clients[0].sendall(arguments[1].encode() + b"\\r\\n")
      say("connected")
      sys.stdin.read()
      for client in clients:
          try:
              while client.recv(100): pass
          except ConnectionResetError:
              pass
      """, port, line)
    _ = try await clients.outputLine(containing: "connected")
    return clients
  }

  /// How many clients of ``clientsWithoutHandshake(at:sending:)`` the server has to cut off.
  public static let silentClients = 19
}
