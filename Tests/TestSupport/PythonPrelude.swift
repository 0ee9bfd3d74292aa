// SPDX-License-Identifier: GPL-3.0-or-later

/// The beginning of every Python script of the tests: imports, and functions for what peers do.
enum PythonPrelude {
  /// The text of the script.
  static let text = """
    import fcntl, hashlib, json, os, pty, select, signal, socket, struct, subprocess, sys, termios, threading, time
    arguments = sys.argv[1:]
    socket.setdefaulttimeout(40)

    def say(*words):
        print(*words, flush=True)

    def listening(backlog=8):
        "A listener on a free port of the loopback, whose number is printed."
        listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        say("port", listener.getsockname()[1])
        return listener

    def accepted():
        "The first connection to a new listener."
        return listening().accept()[0]

    def changes(directory, kinds):
        "A descriptor from which a read waits until something of these kinds (IN_CREATE, …) happens in a directory."
        import ctypes
        libc = ctypes.CDLL(None)
        watch = libc.inotify_init()
        assert libc.inotify_add_watch(watch, directory.encode(), kinds) >= 0
        return watch

    def connected(port):
        return socket.create_connection(("127.0.0.1", int(port)))

    def turned_away(port):
        "Has a server that denies 127.0.0.2 see to everything that was due before: it has done so when this returns."
        client = socket.create_connection(("127.0.0.1", int(port)), source_address=("127.0.0.2", 0))
        assert client.recv(1) == b""

    def exactly(connection, count):
        "That many bytes."
        parts = bytearray()
        while len(parts) < count:
            part = connection.recv(count - len(parts))
            if not part:
                raise ConnectionError(f"the end after {len(parts)} bytes")
            parts += part
        return bytes(parts)

    def received(connection):
        "Everything until the peer stops sending."
        parts = []
        while part := connection.recv(1 << 16):
            parts.append(part)
        return b"".join(parts)

    def reset(connection):
        "Closes with a reset in place of an orderly end."
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def told(word):
        "Waits for a line on standard input."
        line = sys.stdin.readline().strip()
        assert line == word, (line, word)

    def nonblocking(descriptor):
        return bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_NONBLOCK)

    def terminal():
        "A pseudo-terminal that passes every byte unchanged: our end and the program's."
        ours, theirs = pty.openpty()
        attributes = termios.tcgetattr(theirs)
        attributes[1] &= ~termios.OPOST
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, attributes)
        return ours, theirs

    def until_eio(descriptor):
        "Everything from a pseudo-terminal until nobody has its other end."
        parts = []
        while True:
            try:
                part = os.read(descriptor, 1 << 16)
            except OSError:
                break
            if not part:
                break
            parts.append(part)
        return b"".join(parts)


    """
}
