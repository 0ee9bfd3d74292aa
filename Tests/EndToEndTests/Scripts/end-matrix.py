# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives every combination of how a transfer can end, and compares what came of it with what the manual promises.

usage: end-matrix.py WAY ROLE [vanish]

WAY names an option or a mode of `sockkit`, ROLE is `connect`, `listen` or `forward`. What is combined: the kind of standard
input, the kind of standard output, and what the peer does; of `forward` what each of the two sides does. The last line counts
the cases.

With `vanish` no option limits the time, and only peers that vanish while bytes are under way are met. It has to run in a
network namespace of its own, in which the system is told to give up soon.
"""

import array
import concurrent.futures
import ctypes
import errno
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import tty

INPUTS = ("file", "pipe", "socket", "terminal", "closed", "silent")
OUTPUTS = ("pipe", "file", "full", "closed")
# What the peer does after it has sent its payload, which it sends unless stated otherwise:
#   orderly     reads until end-of-stream, then closes
#   half-close  half-closes, then reads until end-of-stream
#   urgent      like orderly, with an urgent byte in the middle of its payload
#   close       closes without reading
#   reset-0     resets before it has sent or read anything
#   reset-1     resets once its payload has been acknowledged
#   reset-2     resets once it has read a byte, and sends nothing
#   vanish      answers nothing more once its payload has been acknowledged
PEERS = ("orderly", "half-close", "urgent", "close", "reset-0", "reset-1", "reset-2", "vanish")
WAYS = {
    "plain": [],
    "rate": ["--rate", "40M"],
    "quit-on-eof": ["--quit-on-eof"],
    "send-only": ["--send-only"],
    "recv-only": ["--recv-only"],
    "quit-after": ["-q", "50ms"],
    "no-shutdown": ["--no-shutdown"],
    "keep-open": ["-k", "-v"],
}

# More than the buffers of a connection hold, so that not all of it can have been sent to a peer that does not read.
SENT = os.urandom(1 << 16) * 160
# Large enough to take several reads, and small enough for the buffers of a connection.
PAYLOAD = os.urandom(1 << 16) + os.urandom(1 << 14)
TYPED = b"typed\n"
PATIENCE = 20


class Case:
    def __init__(self, way, role, kind, output, peer, is_lone=False):
        self.way, self.role, self.kind, self.output, self.peer = way, role, kind, output, peer
        # Whether only the system detects that the peer has vanished.
        self.is_lone = is_lone
        self.received = bytearray()
        # The end of the connection as the peer received it: "FIN", "RST", or nothing.
        self.seen = None
        self.written = b""

    def __str__(self):
        return f"{self.role} {self.way}: input {self.kind}, output {self.output}, peer {self.peer}"

    # Expectations.

    @property
    def reads_input(self):
        return self.way != "recv-only"

    @property
    def sent(self):
        "All that standard input brings to the peer."
        if not self.reads_input:
            return b""
        return {"terminal": TYPED, "closed": b"", "silent": b""}.get(self.kind, SENT)

    @property
    def input_ends(self):
        return self.reads_input and self.kind in ("file", "pipe", "socket", "closed")

    @property
    def half_closes(self):
        return self.input_ends and self.way != "no-shutdown"

    @property
    def payload(self):
        return b"" if self.peer in ("reset-0", "reset-2") else PAYLOAD

    # The peer.

    def serve(self, connection):
        connection.settimeout(PATIENCE)
        try:
            if self.peer == "reset-0":
                return reset(connection)
            if self.peer == "reset-2":
                if self.sent:
                    self.received += connection.recv(1)
                return reset(connection)
            middle = len(PAYLOAD) // 2
            connection.sendall(PAYLOAD[:middle])
            if self.peer == "urgent":
                connection.send(b"!", socket.MSG_OOB)
            connection.sendall(PAYLOAD[middle:])
            if self.peer in ("reset-1", "vanish"):
                until(lambda: unacknowledged(connection) == 0 or is_broken(connection))
            if self.peer == "reset-1":
                return reset(connection)
            if self.peer == "vanish":
                return drop_everything(connection)
            if self.peer == "close":
                return connection.close()
            if self.peer == "half-close":
                connection.shutdown(socket.SHUT_WR)
            self.read(connection)
            connection.close()
        except OSError as error:
            # An operation on a connection that has been reset.
            if error.errno not in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN):
                raise
            self.seen = "RST"

    def read(self, connection):
        "Reads until the end; where none comes before this side closes, until all has come."
        while True:
            if not self.half_closes and self.peer != "half-close" and len(self.received) == len(self.sent):
                return
            part = connection.recv(1 << 18)
            if not part:
                self.seen = "FIN"
                return
            self.received += part

    # The run.

    def run(self, directory):
        if self.role == "listen":
            return self.run_listening(directory)
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(PATIENCE)
        words = ["connect", *self.options, "127.0.0.1", str(listener.getsockname()[1])]
        with Program(self, directory, words) as program:
            connection = listener.accept()[0]
            listener.close()
            program.serve(connection)
            return self.judge(program)

    def run_listening(self, directory):
        name = os.path.join(directory, f"port-{id(self)}")
        ready = Readiness()
        words = ["listen", *self.options, "--port-file", name, *ready.options, "127.0.0.1", "0"]
        with Program(self, directory, words, ready.passed) as program:
            ready.wait()
            with open(name) as file:
                port = int(file.read())
            connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
            program.serve(connection)
            return self.judge(program)

    @property
    def options(self):
        options = WAYS[self.way] + (["--input-wait", "50ms"] if self.reads_input else [])
        return options + ["-i", "1s"] if self.peer == "vanish" and not self.is_lone else options

    def judge(self, program):
        "What is wrong; None if all is well."
        if self.way == "keep-open":
            program.stop()
        status = program.wait()
        # The peer may read the end after the program has ended.
        program.join()
        wanted = self.statuses()
        if status not in wanted:
            return f"status {status}, not one of {sorted(wanted)}; {program.errors!r}"
        # On a busy machine the reset may arrive before the program has noticed that it is connected.
        is_early = status == 74 and "sockkit: connect to " in program.errors
        if not is_early and (problem := self.judge_output(status)):
            return problem
        return self.judge_peer(status)

    def statuses(self):
        fails_to_write = self.output == "full" and self.way != "send-only" and bool(self.payload)
        if self.way == "keep-open":
            # The failure of one client does not end the server, but a standard output that takes nothing does.
            return {74} if fails_to_write else {0}
        if self.way == "quit-after" and self.kind == "closed" and fails_to_write:
            # The program may end before anything was received.
            return {0, 74}
        # With nothing to send, the program may have ended before the peer does anything.
        is_brief = self.half_closes and not self.sent and self.way in ("send-only", "quit-after")
        if self.peer == "vanish":
            if self.is_lone:
                return {74}
            # On a busy machine the time may be over before the payload has arrived.
            return {74, 75} if fails_to_write else {0, 75} if is_brief else {75}
        if self.peer.startswith("reset"):
            return {0, 74} if is_brief else {74}
        if fails_to_write:
            return {74}
        if self.peer == "close" and self.sent:
            # The peer's system resets a connection with unread bytes; bytes that are sent later are refused.
            # With -q the program may have ended before the peer closes.
            may_be_early = self.way in ("quit-on-eof", "quit-after") or self.kind == "terminal"
            return {0, 74} if may_be_early else {74}
        return {0}

    def judge_output(self, status):
        if self.output not in ("pipe", "file"):
            return None
        if self.way == "send-only":
            return None if not self.written else "--send-only wrote something"
        # The program ends when its time is over, whatever has arrived by then.
        may_be_part = self.way == "quit-after"
        # A peer that closes with unread bytes resets, which discards the bytes that it has still to send.
        may_be_part = may_be_part or self.peer == "close" and (status == 74 or self.way == "keep-open")
        if bytes(self.written) == self.payload or may_be_part and self.payload.startswith(self.written):
            return None
        return f"{len(self.written)} of {len(self.payload)} bytes were written"

    def judge_peer(self, status):
        if not self.sent.startswith(self.received):
            return "the peer received other bytes than were sent"
        is_whole = len(self.received) == len(self.sent)
        # On a busy machine the peer's end may arrive before the input has any bytes, and the connection then ends in order.
        has_none = self.way == "quit-on-eof" and self.kind in ("pipe", "socket", "terminal") and not self.received
        if self.seen == "FIN" and not is_whole and not has_none:
            return f"the peer took {len(self.received)} of {len(self.sent)} bytes for all"
        reads_all = self.peer in ("orderly", "half-close", "urgent")
        if status == 0 and reads_all and not is_whole and self.way != "quit-on-eof":
            return f"status 0, but the peer received {len(self.received)} of {len(self.sent)} bytes"
        # Bytes that are in transit to a program that has ended are answered by a reset.
        is_sending = self.way in ("send-only", "quit-after") and not self.sent
        if status == 0 and self.seen == "RST" and is_whole and reads_all and not is_sending:
            return "status 0, but the peer saw a reset"
        return None


class ForwardCase:
    "A client and a target with `sockkit forward` between them; what each is to see follows from what the other does."

    # What a side does after its payload, if it sends one:
    #   orderly      half-closes, and reads until end-of-stream
    #   quiet        sends nothing, half-closes, and reads until end-of-stream
    #   urgent       like orderly, with an urgent byte in the middle of its payload
    #   reset-0      resets before it has sent or read anything
    #   reset-1      resets once its payload has been taken
    #   reset-2      sends nothing, and resets once it has read a byte, or end-of-stream
    BEHAVIOURS = ("orderly", "quiet", "urgent", "reset-0", "reset-1", "reset-2")

    def __init__(self, place, listener, client, target):
        self.place, self.listener = place, listener
        self.behaviours = {"client": client, "target": target}
        self.received = {"client": bytearray(), "target": bytearray()}
        self.seen = {"client": None, "target": None}
        self.refused = set()
        self.errors = []

    def __str__(self):
        return "forward: client {client}, target {target}".format(**self.behaviours)

    @staticmethod
    def payload(behaviour):
        return SENT[:3 << 20] if behaviour in ("orderly", "urgent", "reset-1") else b""

    def run(self, _):
        # One after the other, so that the accepted connection belongs to this client.
        client = socket.create_connection(self.place, PATIENCE)
        target = self.listener.accept()[0]
        sides = {"client": client, "target": target}
        threads = [threading.Thread(target=self.act, args=side, daemon=True) for side in sides.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), f"{self}: a side is still waiting"
        for connection in sides.values():
            connection.close()
        return "; ".join(self.errors + [problem for name in sides if (problem := self.judge(name))])

    def act(self, name, connection):
        try:
            self.behave(name, connection)
        except OSError as error:
            if error.errno not in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN):
                self.errors.append(f"{name}: {error}")
            self.seen[name] = "RST"

    def behave(self, name, connection):
        connection.settimeout(PATIENCE)
        behaviour = self.behaviours[name]
        if behaviour == "reset-0":
            return reset(connection)
        if behaviour == "reset-2":
            connection.recv(1)
            return reset(connection)
        payload = self.payload(behaviour)
        # Both directions at once: two sides that first only send would wait for each other.
        sender = threading.Thread(target=self.send, args=(name, connection, payload), daemon=True)
        sender.start()
        try:
            while part := connection.recv(1 << 18):
                self.received[name] += part
            self.seen[name] = "FIN"
        finally:
            sender.join(PATIENCE)
        # A reset is reported once, to the first thread that uses the connection.
        if name in self.refused:
            self.seen[name] = "RST"

    def send(self, name, connection, payload):
        try:
            middle = len(payload) // 2
            connection.sendall(payload[:middle])
            if self.behaviours[name] == "urgent":
                connection.send(b"!", socket.MSG_OOB)
            connection.sendall(payload[middle:])
            if self.behaviours[name] == "reset-1":
                until(lambda: unacknowledged(connection) == 0 or is_broken(connection))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # An address of no family dissolves the connection, from which the other thread is reading.
                ctypes.CDLL(None).connect(connection.fileno(), bytes(16), 16)
            else:
                connection.shutdown(socket.SHUT_WR)
        except ConnectionResetError:
            self.refused.add(name)
        except OSError:
            # The other thread detects how the connection has ended.
            pass

    def judge(self, name):
        own = self.behaviours[name]
        other = self.behaviours["target" if name == "client" else "client"]
        if own.startswith("reset"):
            return None
        expected = self.payload(other)
        received = bytes(self.received[name])
        if not expected.startswith(received):
            return f"the {name} received other bytes than were sent"
        if other.startswith("reset"):
            if self.seen[name] == "FIN":
                return f"the {name} saw an orderly end"
            is_whole = len(received) == len(expected)
            return None if is_whole or other != "reset-1" else f"the {name} received {len(received)} bytes before the reset"
        if self.seen[name] != "FIN" or len(received) != len(expected):
            return f"the {name} saw {self.seen[name]} after {len(received)} of {len(expected)} bytes"
        return None


def forward_cases(way, directory):
    "The cases, and the forwarder that all of them go through."
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.settimeout(PATIENCE)
    name = os.path.join(directory, "port")
    place = f"127.0.0.1:{listener.getsockname()[1]}"
    ready = Readiness()
    forwarder = subprocess.Popen(
        ["sockkit", "forward", *WAYS[way], "--port-file", name, *ready.options, "127.0.0.1:0", place],
        stderr=subprocess.DEVNULL, pass_fds=ready.passed)
    ready.wait()
    with open(name) as file:
        port = int(file.read())
    pairs = [(client, target) for client in ForwardCase.BEHAVIOURS for target in ForwardCase.BEHAVIOURS]
    # Two sides that each wait for the other's first byte never end.
    pairs.remove(("reset-2", "reset-2"))
    cases = [ForwardCase(("127.0.0.1", port), listener, *pair) for pair in pairs for _ in range(3)]
    return cases, forwarder


class Readiness:
    "What a server says by --ready-fd, once its port file is written."

    def __init__(self):
        self.ours, theirs = os.pipe()
        self.passed = (theirs,)
        self.options = ["--ready-fd", str(theirs)]

    def wait(self):
        "Returns once the server is ready, or has ended."
        os.close(*self.passed)
        assert select.select([self.ours], [], [], PATIENCE)[0], "waited for too long"
        os.close(self.ours)


class Program:
    "One run of sockkit, with the streams that a case asks for."

    def __init__(self, case, directory, words, passed=()):
        self.case = case
        self.reports = threading.Condition()
        self.threads = []
        self.held = []
        self.errors = ""
        self.have_errors_ended = False
        self.file = os.path.join(directory, f"out-{id(case)}")
        given = self.make_input(os.path.join(directory, "sent"))
        taken = self.make_output()
        # `Popen` cannot start a program with a closed descriptor.
        closing = (" <&-" if given is None else "") + (" >&-" if taken is None else "")
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec sockkit "$@"{closing}', "sh", *words],
            stdin=given, stdout=taken, stderr=subprocess.PIPE, pass_fds=passed)
        for descriptor in (given, taken):
            if descriptor is not None:
                os.close(descriptor)
        self.start(self.read_errors)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for descriptor in self.held:
            os.close(descriptor)

    def start(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        thread.start()
        self.threads.append(thread)

    def make_input(self, path):
        kind = self.case.kind
        if kind == "file":
            return os.open(path, os.O_RDONLY)
        if kind == "closed":
            return None
        if kind == "terminal":
            ours, theirs = pty.openpty()
            tty.setcbreak(theirs)
            attributes = termios.tcgetattr(theirs)
            attributes[3] |= termios.ICANON
            termios.tcsetattr(theirs, termios.TCSANOW, attributes)
            os.write(ours, TYPED)
            self.held.append(ours)
            return theirs
        if kind == "socket":
            theirs, ours = socket.socketpair()
            self.start(feed, ours.detach())
            return theirs.detach()
        theirs, ours = os.pipe()
        if kind == "silent":
            self.held.append(ours)
        else:
            self.start(feed, ours)
        return theirs

    def make_output(self):
        output = self.case.output
        if output == "closed":
            return None
        if output == "full":
            return os.open("/dev/full", os.O_WRONLY)
        if output == "file":
            return os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        ours, theirs = os.pipe()
        self.start(self.read_output, ours)
        return theirs

    def read_output(self, descriptor):
        with open(descriptor, "rb", buffering=0) as stream:
            written = bytearray()
            while part := stream.read(1 << 18):
                written += part
            self.case.written = written

    def read_errors(self):
        for line in self.process.stderr:
            with self.reports:
                self.errors += line.decode(errors="replace")
                self.reports.notify()
        with self.reports:
            self.have_errors_ended = True
            self.reports.notify()

    def serve(self, connection):
        self.connection = connection
        thread = threading.Thread(target=self.case.serve, args=(connection,), daemon=True)
        thread.start()
        self.peer = thread

    def stop(self):
        "Ends a server whose client is done."
        with self.reports:
            is_done = lambda: self.have_errors_ended or "sockkit: closed " in self.errors
            assert self.reports.wait_for(is_done, PATIENCE), "waited for too long"
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return "none: it did not end"

    def join(self):
        for thread in [self.peer, *self.threads]:
            thread.join(PATIENCE)
            assert not thread.is_alive(), f"{self.case}: {thread.name} is still waiting"
        if self.case.output == "file":
            with open(self.file, "rb") as file:
                self.case.written = file.read()
            os.unlink(self.file)
        self.connection.close()


def feed(descriptor):
    "Brings all that is to be sent, as far as it is taken."
    with open(descriptor, "wb", buffering=0) as stream:
        rest = memoryview(SENT)
        try:
            while rest:
                rest = rest[stream.write(rest):]
        except (BrokenPipeError, ConnectionResetError):
            pass


def until(condition):
    "Waits for a state of the kernel that no call waits for."
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited for too long"
        time.sleep(0.001)


def unacknowledged(connection):
    count = array.array("i", [0])
    fcntl.ioctl(connection, termios.TIOCOUTQ, count)
    return count[0]


def is_broken(connection):
    poll = select.poll()
    poll.register(connection, 0)
    return bool(poll.poll(0))


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def drop_everything(connection):
    "From here on no segment reaches the socket, and it answers none: BPF_RET of 0 bytes."
    program = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
    filters = struct.pack("HP", 1, ctypes.addressof(program))
    connection.setsockopt(socket.SOL_SOCKET, 26, filters)


def give_up_soon():
    "Has the system take a peer for gone after a few retransmissions."
    with open("/proc/sys/net/ipv4/tcp_retries2", "w") as file:
        file.write("3")


def main():
    way, role = sys.argv[1:3]
    is_lone = sys.argv[3:] == ["vanish"]
    # Writing to a stream that the program has closed must not end this script.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    cases = [Case(way, role, kind, output, peer) for kind in INPUTS for output in OUTPUTS for peer in PEERS]
    if is_lone:
        give_up_soon()
        kinds = ("file", "pipe", "socket")
        cases = [Case(way, role, kind, output, "vanish", True) for kind in kinds for output in OUTPUTS]
    failures = []
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "sent"), "wb") as file:
            file.write(SENT)

        def run(case):
            try:
                problem = case.run(directory)
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"
            if problem:
                failures.append(f"{case}: {problem}")

        forwarder = None
        if role == "forward":
            cases, forwarder = forward_cases(way, directory)
        # With a forwarder one at a time, since each case accepts the connection that arrives first.
        with concurrent.futures.ThreadPoolExecutor(1 if forwarder else 8) as pool:
            list(pool.map(run, cases))
        if forwarder:
            forwarder.terminate()
            if status := forwarder.wait(PATIENCE):
                failures.append(f"the forwarder ended with status {status}")
    print(*failures, f"{len(cases)} cases, {len(failures)} failed", sep="\n")
    sys.exit(bool(failures))


main()
