// SPDX-License-Identifier: GPL-3.0-or-later

/// The beginning of a Python script that waits for messages of a program.
public let logWords = """
  class Logged:
      "A server that runs with -v, whose log can be waited for; its place is where it listens."
      # One for all servers, so that a line of any of them can be waited for.
      change = threading.Condition()

      def __init__(self, *words, **streams):
          streams = {"stdin": subprocess.DEVNULL} | streams
          self.process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, **streams)
          self.lines = []
          self.reader = threading.Thread(target=self.read, daemon=True)
          self.reader.start()
          self.place = self.line("listening").split(" on ")[1].split(" (")[0]
          self.pid = self.process.pid

      def read(self):
          for line in self.process.stderr:
              with self.change:
                  self.lines.append(line.rstrip())
                  self.change.notify_all()

      def line(self, text, number=1):
          "The first line with a text in it, or the second and so on, which is waited for."
          with self.change:
              found = lambda: [line for line in self.lines if text in line][number - 1:]
              assert self.change.wait_for(found, 20), (text, self.lines)
              return found()[0]

      def connect(self):
          return connected(self.place.rpartition(":")[2])

      def stop(self, *signals):
          "Ends it; what it wrote."
          for number in signals or (signal.SIGTERM,):
              self.process.send_signal(number)
          assert self.process.wait(30) == 0, (self.process.returncode, self.lines)
          self.reader.join()
          return self.lines

      def resident(self):
          (line,) = [line for line in open(f"/proc/{self.pid}/status") if line.startswith("VmRSS")]
          return int(line.split()[1]) << 10

  def any_line(servers, text):
      "Waits for a line with a text in it in the log of one of several servers."
      found = lambda: any(text in line for server in servers for line in server.lines)
      with Logged.change:
          assert Logged.change.wait_for(found, 20), (text, [server.lines for server in servers])


  """
