// SPDX-License-Identifier: GPL-3.0-or-later

/// A conversation through a proxy, in which the target sends the first and the last line.
///
/// The first line can arrive together with the proxy's reply, and the last one follows the end of what the client sends.
/// So what a client receives shows whether the handshake has cost bytes, and whether the proxy passes a half-close on.
public enum ProxyConversation {
  /// What the target sends first.
  public static let greeting = "welcome\n"
  /// What the client sends, and the target repeats.
  public static let question = "question\n"
  /// What the target sends once the client has sent everything.
  public static let farewell = "end\n"

  /// Starts a target, which prints its port.
  ///
  /// - Parameters:
  ///   - greeting: What it sends first; nothing if it is empty.
  ///   - repeats: Whether it repeats what it receives.
  public static func target(greeting: String = greeting, repeats: Bool = true) throws -> RunningProgram {
    try .python(
      """
      def serve(client):
          client.sendall(arguments[0].encode())
          try:
              while part := client.recv(1 << 16):
                  if arguments[2] == "true": client.sendall(part)
              client.sendall(arguments[1].encode())
          except OSError: pass
          client.close()

      listener = listening()
      listener.settimeout(None)
      while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
      """, greeting, farewell, "\(repeats)")
  }

  /// Starts a target that does not answer attempts to connect, and prints its port.
  public static func silentTarget() throws -> RunningProgram {
    try .python(
      """
      silent = socket.create_server(("127.0.0.1", 0), backlog=0)
      # A full backlog drops further attempts without an answer.
      filler = connected(silent.getsockname()[1])
      say("port", silent.getsockname()[1])
      sys.stdin.read()
      """)
  }

  /// How the bytes of client and proxy arrive.
  public enum Delivery: String, Sendable {
    /// Each in a segment of its own.
    case bytewise
    /// Those of the client each in a segment of its own.
    case bytewiseRequest
    /// Those of the proxy each in a segment of its own.
    case bytewiseReply
    /// The last reply of the proxy in one segment with the target's first line.
    case gathered

    /// Starts a relay that delivers in this way what passes between clients and a proxy, and prints its port.
    public func relay(to port: UInt16, at host: String = "127.0.0.1") throws -> RunningProgram {
      try .python(
        """
        greeting = arguments[2].encode()

        def whole(source, sink):
            while part := source.recv(1 << 16): sink.sendall(part)

        def bytewise(source, sink):
            while part := source.recv(1 << 16):
                for byte in part: sink.send(bytes([byte]))

        def gathered(source, sink):
            held = b""
            while greeting not in held and (part := source.recv(1 << 16)):
                held += part
                # Replies of two bytes precede the last one of SOCKS 5.
                if len(held) == 2:
                    sink.sendall(held)
                    held = b""
            sink.sendall(held)
            whole(source, sink)

        def copy(source, sink, deliver):
            sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                deliver(source, sink)
                sink.shutdown(socket.SHUT_WR)
            except OSError: pass

        def serve(client):
            server = socket.create_connection((arguments[0], int(arguments[1])))
            threading.Thread(target=copy, args=(client, server, \(request)), daemon=True).start()
            copy(server, client, \(reply))

        listener = listening()
        listener.settimeout(None)
        while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """, host, "\(port)", greeting)
    }

    /// The function of the relay for what the client sends.
    private var request: String { self == .bytewise || self == .bytewiseRequest ? "bytewise" : "whole" }

    /// The function of the relay for what the proxy sends.
    private var reply: String {
      switch self {
      case .bytewise, .bytewiseReply: "bytewise"
      case .bytewiseRequest: "whole"
      case .gathered: "gathered"
      }
    }
  }
}
