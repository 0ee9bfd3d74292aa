// SPDX-License-Identifier: GPL-3.0-or-later

public import Testing

/// Runs a Python script that can use `Forward`, a `sockkit forward` with a target; fails unless the script succeeds.
public func forwarding(
  _ script: String, _ arguments: String..., limit: Double = 40, at location: SourceLocation = #_sourceLocation
) async throws {
  let program = try Program.python(forwardWords + script, arguments)
  let finished = try await RunningProgram(program, input: .file("/dev/null"), limit: limit).finished()
  #expect(finished.ending == .exit(0), "\(finished)", sourceLocation: location)
}

/// The beginning of each script of `forwarding`.
public let forwardWords = logWords + ownWords

private let ownWords = """
  class Forward(Logged):
      "A forward; without a target it forwards to `listener`, whose clients `pair` accepts."
      def __init__(self, *flags, place="127.0.0.1:0", target=None, listener=None, prefix=("sockkit",)):
          self.listener = listener or socket.create_server(("127.0.0.1", 0), backlog=4096)
          if target is None:
              name = self.listener.getsockname()
              target = f"unix:{name}" if isinstance(name, str) else f"127.0.0.1:{name[1]}"
          super().__init__(*prefix, "forward", "-v", *flags, place, target)

      def connect(self):
          if self.place.startswith("unix:"):
              client = socket.socket(socket.AF_UNIX)
              client.connect(self.place[5:])
              return client
          return super().connect()

      def turns_away(self):
          "Whether a client is reset, which it may learn of while it still connects."
          try:
              return is_reset(self.connect())
          except ConnectionResetError:
              return True

      def pair(self):
          "A client, and the other end of what it is connected to."
          client = self.connect()
          return client, self.listener.accept()[0]

      def descriptors(self, kind):
          count = 0
          for number in os.listdir(f"/proc/{self.pid}/fd"):
              try:
                  count += os.readlink(f"/proc/{self.pid}/fd/{number}").startswith(kind)
              except FileNotFoundError:
                  pass
          return count

      def seconds(self):
          "The processor time it has taken."
          words = open(f"/proc/{self.pid}/stat").read().rpartition(")")[2].split()
          return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

  def unix_listener(path):
      listener = socket.socket(socket.AF_UNIX)
      listener.bind(path)
      listener.listen(4096)
      return listener

  def is_reset(connection):
      "Whether the connection ends with a reset; what came before is thrown away."
      try:
          while connection.recv(1 << 16):
              pass
          return False
      except ConnectionResetError:
          return True

  def together(*works):
      "Does several things at once; the results."
      results = [None] * len(works)
      def do(index, work):
          results[index] = (work(),)
      threads = [threading.Thread(target=do, args=pair, daemon=True) for pair in enumerate(works)]
      for thread in threads:
          thread.start()
      for thread in threads:
          thread.join(35)
      assert all(results), results
      return [result[0] for result in results]

  def send_all(connection, data):
      connection.sendall(data)
      connection.shutdown(socket.SHUT_WR)

  def eventually(condition):
      "Waits for a state of the kernel that no call waits for."
      end = time.monotonic() + 20
      while not condition():
          assert time.monotonic() < end
          time.sleep(0.01)


  """
