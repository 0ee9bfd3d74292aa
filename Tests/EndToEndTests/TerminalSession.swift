// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport

/// Scripts in which `calc` runs at a pseudo-terminal.
enum TerminalSession {
  /// Functions for a session at a terminal with a server in the same script.
  private static let prelude =
    PythonCalculator.text + """
      def served(serve=serve):
          "The port of a server for one client."
          listener = socket.create_server(("127.0.0.1", 0))
          threading.Thread(target=lambda: serve(listener.accept()[0]), daemon=True).start()
          return listener.getsockname()[1]

      inputrc = arguments[0] + "/inputrc"
      with open(inputrc, "w") as file:
          file.write('set enable-bracketed-paste off\\n"\\\\C-x": "6*7"\\n')

      class Session:
          def __init__(self, port, *options, under=(), **streams):
              self.ours, self.theirs = pty.openpty()
              self.before = termios.tcgetattr(self.theirs)
              self.unseen = b""
              environment = dict(os.environ, TERM="xterm", INPUTRC=inputrc, XDG_STATE_HOME=arguments[0] + "/state")
              streams = dict(dict(stdin=self.theirs, stdout=self.theirs, stderr=self.theirs), **streams)
              self.program = subprocess.Popen(
                  [*under, "sockkit", "calc", *options, "127.0.0.1", str(port)], env=environment,
                  start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), **streams)

          def type(self, text):
              os.write(self.ours, text.encode())

          def see(self, text):
              "Waits until the terminal shows a text, behind what was seen before."
              while text.encode() not in self.unseen:
                  ready, _, _ = select.select([self.ours], [], [], 15)
                  assert ready, (text, self.unseen)
                  self.unseen += os.read(self.ours, 1 << 16)
              seen, self.unseen = self.unseen.split(text.encode(), 1)
              return seen

          def ended(self):
              "The status, and whether the terminal is as it was."
              status = self.program.wait(15)
              return status, termios.tcgetattr(self.theirs) == self.before


      """

  /// Runs a script in Python with a server `served()` and a `Session` at it.
  static func run(_ script: String, in directory: TemporaryDirectory? = nil) async throws -> Finished {
    let directory = try directory ?? TemporaryDirectory()
    return try await python(prelude + script, directory.path)
  }
}
