# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a job: its place, its files, and the program."""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from .calls import WAITS
from .findings import Finding, Lost
from .program import PATIENCE, Program

PORT = 4000
# Several times what one call moves.
PAYLOAD = bytes((index * 2654435761 >> 13) & 0xFF for index in range(200_000))


class Run:
    """A job runs its program with `start`, meets it at `host` and PORT, and judges with `judge` or `serve`.

    Each run has a loopback address of its own, so that runs can be made side by side.
    """

    def __init__(self, tools, fault, number, usual=None):
        self.tools = tools
        self.fault = fault
        self.host = f"127.{number // 62500 % 250 + 1}.{number // 250 % 250 + 1}.{number % 250 + 1}"
        self.mark = f"{tools.mark}-{number}"
        # The run without a failure to compare this one with.
        self.usual = usual
        # How many descriptors a server had open after its clients.
        self.settled_descriptors = None
        self.program = None
        # The calls without which a server cannot go on.
        self.may_end_by = WAITS

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sockkit-faults-"))
        self.closing = contextlib.ExitStack()
        return self

    def __exit__(self, *_):
        self.closing.close()
        if self.program:
            self.program.release()
        shutil.rmtree(self.directory)

    # Files.

    def file(self, name, content):
        path = self.directory / name
        path.write_bytes(content)
        return path

    def reading(self, content):
        """A file to read, as a standard stream."""
        return self.closing.enter_context(open(self.file("input", content), "rb"))

    def writing(self):
        """A file to write, as a standard stream."""
        return self.closing.enter_context(open(self.directory / "output", "wb"))

    def written(self):
        return (self.directory / "output").read_bytes()

    # The program.

    def start(self, *words, **streams):
        self.program = Program(
            self.tools.helper, self.tools.sockkit, self.fault, words, self.mark, self.directory, **streams)
        return self.program

    @property
    def place(self):
        return f"{self.host}:{PORT}"

    def judge(self, is_complete):
        """Waits for the end of the program, and judges whether its status is right.

        `is_complete` is called then, and says whether the other side has all bytes.
        """
        self.program.finish()
        is_done = self.program.status == 0
        if is_done and not is_complete():
            raise Finding("bytes lost", "status 0, but not all has arrived")
        if not is_done and self.fault is None:
            raise Finding("failed without a fault", f"status {self.program.status}; {self.program.errors!r}")
        if not is_done and self.fault.has_to_be_survived and self.program.has_failed_call():
            raise Finding("not survived", f"status {self.program.status}; {self.program.errors!r}")

    @contextlib.contextmanager
    def other(self, *words, **streams):
        """A second sockkit, of which no call fails."""
        process = subprocess.Popen(
            [self.tools.sockkit, *words], start_new_session=True,
            **{name: subprocess.DEVNULL for name in ("stdin", "stdout", "stderr")} | streams)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def other_server(self, *words, **streams):
        """A second sockkit that serves, once it does."""
        process = self.closing.enter_context(self.other(*words, "-v", stderr=subprocess.PIPE, **streams))
        self.closing.enter_context(process.stderr)
        while b"listening" not in process.stderr.readline():
            pass
        return process

    def judge_command(self, is_complete):
        """The same for a program that passes on the status of its command, which may have been ended by a signal."""
        self.program.has_command = True
        self.judge(is_complete)

    # Peers of clients.

    def peer(self, talk, port=PORT):
        """Serves connections by a function in a thread; what it returned can be had from the result."""
        return self.closing.enter_context(Peer((self.host, port), talk))

    # Clients of servers.

    def connected(self):
        """A connection to the server, once it listens; `None` if it ended without."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                connection = socket.create_connection((self.host, PORT), PATIENCE)
                return self.closing.enter_context(connection)
            except OSError as error:
                if self.program.has_ended():
                    return None
                if time.monotonic() > end:
                    raise Finding("not served", f"no connection: {error}; {self.program.errors!r}") from error
                time.sleep(0.002)

    def serve(self, meet, clients=3):
        """Has clients served until one has come after the failure; then stops the server.

        `meet` is a whole conversation. It raises OSError if it is cut off, and Lost if it got a clean end too early.
        """
        for _ in range(clients):
            had_failed = self.program.has_failed_call()
            self._meet(meet, had_failed)
            if self.program.has_ended():
                return self._judge_end()
            if had_failed:
                break
        self._count_descriptors()
        self.program.stop(self._may_be_ending)
        self.judge(lambda: True)

    @property
    def _may_be_ending(self):
        """Whether the call may be one without which the server ends, in its own time."""
        return self.fault is not None and self.fault.call in self.may_end_by

    def _meet(self, meet, had_failed):
        try:
            meet()
        except Lost as error:
            raise Finding("bytes lost", f"{error}; {self.program.errors!r}") from error
        except OSError as error:
            if self.program.ends_within(1 if self._may_be_ending else 0):
                return
            if self.fault is None or had_failed:
                raise Finding("not served", f"{error!r}; {self.program.errors!r}") from error
            if self.fault.has_to_be_survived and self.program.has_failed_call():
                raise Finding("not survived", f"by a client: {error!r}; {self.program.errors!r}") from error
            if isinstance(error, TimeoutError):
                raise Finding("hang", f"of a client; {self.program.errors!r}") from error

    def _judge_end(self):
        """A server that ends by itself may do so while it starts, and if it cannot wait any more."""
        self.judge(lambda: False)
        is_start = self.fault.number <= self.usual.program.counts_at_start.get(self.fault.call, 0)
        if not is_start and self.fault.call not in self.may_end_by:
            raise Finding("server ended", f"status {self.program.status}; {self.program.errors!r}")

    def _count_descriptors(self):
        """Compares how many descriptors are left open with a run without failures, once they are as few."""
        if self.usual is None:
            time.sleep(0.2)
            self.settled_descriptors = len(self.program.descriptors())
            return
        # A call that did not close leaves a number that leads nowhere.
        most = self.usual.settled_descriptors + (self.fault.call == "close")
        end = time.monotonic() + 2
        while (found := self.program.descriptors()) is not None and len(found) > most:
            if time.monotonic() > end:
                raise Finding("descriptors left", f"{len(found)} instead of {most}: {', '.join(found)}")
            time.sleep(0.01)


class Peer:
    """A server in a thread, for one connection after another: a client may give one up and try again."""

    def __init__(self, address, talk):
        self._listener = socket.create_server(address)
        self._talk = talk
        self._result = None
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end()

    def _serve(self):
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            with connection:
                connection.settimeout(PATIENCE)
                try:
                    self._result = self._talk(connection)
                except OSError:
                    pass

    def _end(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(2 * PATIENCE)
        self._listener.close()

    def result(self):
        """What `talk` returned for the last connection that did not fail; `None` if there was none."""
        self._end()
        return self._result


def receive_all(connection):
    """Everything up to the end of the stream."""
    pieces = []
    while piece := connection.recv(1 << 16):
        pieces.append(piece)
    return b"".join(pieces)


def send_all(connection, data):
    connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


def exchange(connection, data):
    """Sends all and half-closes while receiving; what came."""
    failures = []

    def send():
        try:
            send_all(connection, data)
        except OSError as error:
            failures.append(error)
    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    try:
        received = receive_all(connection)
    finally:
        sender.join(PATIENCE)
    # A reset is reported only once, to either of the two.
    if failures:
        raise failures[0]
    return received
