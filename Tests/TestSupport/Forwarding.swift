// SPDX-License-Identifier: GPL-3.0-or-later

public import Testing

/// Runs a Python script that knows `Forward`, a `sockkit forward` with somebody to forward to; fails unless all goes well.
public func forwarding(
  _ script: String, _ arguments: String..., limit: Double = 40, at location: SourceLocation = #_sourceLocation
) async throws {
  let program = try Program.python(forwardWords + script, arguments)
  let finished = try await RunningProgram(program, input: .file("/dev/null"), limit: limit).finished()
  #expect(finished.ending == .exit(0), "\(finished)", sourceLocation: location)
}

/// What a script of `forwarding` begins with.
public let forwardWords = """
  class Forward:
      "A forward; without a target it forwards to `listener`, whose clients `pair` accepts."
      def __init__(self, *flags, place="127.0.0.1:0", target=None, listener=None, prefix=("sockkit",)):
          self.listener = listener or socket.create_server(("127.0.0.1", 0), backlog=4096)
          if target is None:
              name = self.listener.getsockname()
              target = f"unix:{name}" if isinstance(name, str) else f"127.0.0.1:{name[1]}"
          self.process = subprocess.Popen([*prefix, "forward", "-v", *flags, place, target],
                                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
          self.lines = []
          self.reader = threading.Thread(target=self.read, daemon=True)
          self.change = threading.Condition()
          self.reader.start()
          self.place = self.line("listening").split(" on ")[1].split(" (")[0]
          self.pid = self.process.pid

      def read(self):
          for line in self.process.stderr:
              with self.change:
                  self.lines.append(line.rstrip())
                  self.change.notify_all()

      def line(self, text):
          "The first line with a text in it, which is waited for."
          with self.change:
              found = lambda: [line for line in self.lines if text in line]
              assert self.change.wait_for(found, 20), (text, self.lines)
              return found()[0]

      def connect(self):
          if self.place.startswith("unix:"):
              client = socket.socket(socket.AF_UNIX)
              client.connect(self.place[5:])
              return client
          return connected(self.place.rpartition(":")[2])

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

      def stop(self, *signals):
          "Ends it; what it wrote."
          for number in signals or (signal.SIGTERM,):
              self.process.send_signal(number)
          assert self.process.wait(30) == 0, (self.process.returncode, self.lines)
          self.reader.join()
          return self.lines

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

      def resident(self):
          (line,) = [line for line in open(f"/proc/{self.pid}/status") if line.startswith("VmRSS")]
          return int(line.split()[1]) << 10

  def unix_listener(path):
      listener = socket.socket(socket.AF_UNIX)
      listener.bind(path)
      listener.listen(4096)
      return listener

  def exactly(connection, count):
      parts = bytearray()
      while len(parts) < count:
          part = connection.recv(count - len(parts))
          assert part, f"the end after {len(parts)} bytes"
          parts += part
      return bytes(parts)

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
      end = time.monotonic() + 20
      while not condition():
          assert time.monotonic() < end
          time.sleep(0.01)


  """
