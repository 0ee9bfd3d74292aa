// SPDX-License-Identifier: GPL-3.0-or-later

extension Program {
  /// A socket that a program inherits.
  public enum Passed: String, Sendable {
    /// A TCP listener on a free port of the loopback.
    case listener
    /// A Unix listener in the abstract namespace.
    case local
    /// A Unix listener that keeps messages apart.
    case sequenced
    /// The accepted end of a TCP connection; the other end is left to the script.
    case connection
    /// A UDP socket on a free port of the loopback.
    case datagram
    /// A file that is not a socket.
    case file
  }

  /// A `sockkit` that inherits sockets as descriptors from 3 on, as a service manager passes them. The process prints
  /// `port N` for a socket with a port, and is then replaced by `sockkit`.
  ///
  /// - Parameters:
  ///   - names: The value of `LISTEN_FDNAMES`; `nil` for none.
  ///   - isActivated: Whether `LISTEN_FDS` and `LISTEN_PID` are set.
  ///   - variables: Further variables.
  /// - Throws: `MissingProgram` if Python is not installed.
  public static func activated(
    _ sockets: [Passed], names: String? = nil, isActivated: Bool = true, variables: [String: String] = [:],
    _ arguments: [String]
  ) throws -> Program {
    var lines = ["kinds = \(sockets.map(\.rawValue))"]
    if let names { lines.append("os.environ['LISTEN_FDNAMES'] = '\(names)'") }
    if isActivated {
      lines.append("os.environ.update(LISTEN_FDS=str(len(kinds)), LISTEN_PID=str(os.getpid()))")
    }
    for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
      lines.append("os.environ['\(name)'] = '\(value)'")
    }
    return try python(lines.joined(separator: "\n") + "\n" + script, arguments)
  }

  private static let script = """
    socket.setdefaulttimeout(None)
    opened = []
    for kind in kinds:
        if kind == "listener":
            opened.append(socket.create_server(("127.0.0.1", 0)))
        elif kind in ("local", "sequenced"):
            type = socket.SOCK_STREAM if kind == "local" else socket.SOCK_SEQPACKET
            opened.append(socket.socket(socket.AF_UNIX, type))
            opened[-1].bind("")
            opened[-1].listen()
            say("name", opened[-1].getsockname()[1:].decode())
        elif kind == "connection":
            server = socket.create_server(("127.0.0.1", 0))
            say("port", server.getsockname()[1])
            opened.append(server.accept()[0])
            server.close()
        elif kind == "datagram":
            opened.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            opened[-1].bind(("127.0.0.1", 0))
        else:
            opened.append(open("/dev/null"))
        if kind in ("listener", "datagram"):
            say("port", opened[-1].getsockname()[1])
    # First beyond the numbers that are needed.
    copies = [fcntl.fcntl(each, fcntl.F_DUPFD, 50) for each in opened]
    for number, copy in enumerate(copies):
        os.dup2(copy, 3 + number)
        os.close(copy)
    os.execvp("sockkit", ["sockkit"] + arguments)
    """
}
