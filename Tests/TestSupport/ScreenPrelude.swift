// SPDX-License-Identifier: GPL-3.0-or-later

/// The beginning, in addition to `PythonPrelude`, of a Python script that reads the contents of terminals by tmux.
enum ScreenPrelude {
  /// The text of the script.
  static let text = """
    directory, tmux = arguments[:2]

    class Screen:
        "A terminal in which a shell runs commands, and then says how they ended and whether the terminal is as it was."
        count = 0

        def __init__(self, commands, columns=40, rows=12, **environment):
            Screen.count += 1
            self.path = f"{directory}/screen-{Screen.count}"
            environment = dict({"LC_ALL": "C.UTF-8", "XDG_STATE_HOME": directory + "/state", "PS1": "$ "}, **environment)
            exports = "".join(f"export {name}='{value}'; " for name, value in environment.items())
            # It takes signals itself, so that those of the keyboard end the program alone.
            script = exports + f'''
                trap : INT QUIT; stty -g > {self.path}.before
                {commands}
                echo "status $?"
                stty -g > {self.path}.after; cmp -s {self.path}.before {self.path}.after && echo unchanged
                exec sleep 60
            '''
            with open(self.path + ".sh", "w") as file:
                file.write(script)
            self.tmux(
                "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                f"exec sh {self.path}.sh")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.tmux("kill-server")

        def tmux(self, *words):
            done = subprocess.run([tmux, "-u", "-S", self.path, *words], capture_output=True, text=True, timeout=15)
            assert done.returncode == 0, (words, done)
            return done.stdout

        def type(self, text):
            self.tmux("send-keys", "-l", "--", text)

        def press(self, *keys):
            self.tmux("send-keys", *keys)

        def resize(self, columns, rows=12):
            self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

        def rows(self, above=0):
            "What there is on the screen, and what was scrolled off it so many rows above."
            return self.tmux("capture-pane", "-p", "-S", str(-above)).rstrip("\\n").split("\\n")

        def cursor(self):
            return self.tmux("display-message", "-p", "#{cursor_x},#{cursor_y}").strip()

        def wait(self, condition, wanted):
            end = time.monotonic() + 12
            while not condition(rows := self.rows()):
                assert time.monotonic() < end, (wanted, rows, self.cursor())

        def shows(self, *rows, cursor=None):
            "Waits until there are exactly these rows on the screen, and the cursor is in this place."
            self.wait(lambda seen: seen == list(rows) and cursor in (None, self.cursor()), (rows, cursor))

        def ends(self, *rows):
            "Waits until these are the last rows on the screen."
            self.wait(lambda seen: seen[-len(rows):] == list(rows), rows)

        def process(self):
            "What runs in it."
            shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
            with open(f"/proc/{shell}/task/{shell}/children") as file:
                return int(file.read().split()[0])

    class Call:
        "A screen in which a sockkit is connected to this script."
        def __init__(self, options="", command="connect", shell="", **settings):
            if command == "connect":
                self.listener = socket.create_server(("127.0.0.1", 0))
                line = f"sockkit connect {options} 127.0.0.1 {self.listener.getsockname()[1]}"
                self.screen = Screen(shell or line, **settings)
                if shell:
                    self.screen.shows("$")
                    self.screen.type("clear; " + line + "\\n")
                self.peer = self.listener.accept()[0]
            else:
                # Without the line on standard error that says where it listens.
                port = f"{directory}/port-{Screen.count}"
                self.screen = Screen(f"sockkit listen {options} --port-file {port} 127.0.0.1:0 2> /dev/null", **settings)
                while not os.path.exists(port):
                    self.screen.rows()
                self.peer = connected(open(port).read())

        def __enter__(self):
            return self.screen, self.peer

        def __exit__(self, *_):
            self.peer.close()
            self.screen.tmux("kill-server")


    """
}
