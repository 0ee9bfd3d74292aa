# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of subcommands that serve until they are stopped."""

import contextlib
import http.client
import socket
import struct
import subprocess
import time

from .clients import await_bound
from .findings import Lost
from .program import PATIENCE
from .run import PAYLOAD, PORT, exchange

# A hub that cannot write its output ends.
OUTPUT = frozenset(("write", "writev"))
# The errors of files that are not listed.
ABSENCES = frozenset(("EACCES", "ELOOP", "ENOENT", "ENOTDIR"))
# Other errors of opening a file say as well that there is none to give rights to.
SHORTAGES = frozenset(("EMFILE", "ENFILE", "ENOMEM"))


class Refused(ConnectionError):
    """An answer with an error."""

    def __init__(self, status):
        super().__init__(f"status {status}")
        self.status = status


def _expect(received, wanted):
    if received != wanted:
        raise Lost(f"{len(received)} bytes of {len(wanted)}")


def _conversation(run, wanted=PAYLOAD, prologue=None):
    """A client that sends the payload, and awaits some bytes."""
    def meet():
        connection = run.connected()
        if not connection:
            return
        with connection:
            if prologue:
                prologue(connection)
            _expect(exchange(connection, PAYLOAD), wanted)
    return meet


def echo_server(run, model="event", *options):
    run.start("echo-server", "--model", model, *options, run.place)
    run.serve(_conversation(run))


def echo_server_fork(run):
    echo_server(run, "fork")


def echo_server_thread(run):
    echo_server(run, "thread")


def echo_server_logged(run):
    echo_server(run, "event", "-v", "--json")


def echo_server_udp(run):
    run.start("echo-server", "--udp", run.place)
    number = iter(range(1000))

    def meet():
        if not await_bound(run):
            return
        message = b"datagram %d" % next(number)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect((run.host, PORT))
            # Datagrams may get lost, and are sent again, as clients do.
            for _ in range(10):
                client.settimeout(0.2)
                client.send(message)
                try:
                    return _expect(client.recv(100), message)
                except TimeoutError:
                    if run.fault and run.fault.has_to_be_survived:
                        raise
            raise TimeoutError("no answer")
    run.serve(meet)


def keep_open(run):
    """A hub that writes what all clients send."""
    run.start("listen", "-k", "--recv-only", run.place, stdout=run.writing())
    run.may_end_by |= OUTPUT
    before = [0]

    def meet():
        connection = run.connected()
        if not connection:
            return
        with connection:
            exchange(connection, PAYLOAD)
        # The client has seen a clean end, but it says nothing about what it has sent.
        end = time.monotonic() + PATIENCE / 2
        while len(run.written()) - before[0] < len(PAYLOAD) and not run.program.has_ended():
            if time.monotonic() > end:
                raise Lost(f"{len(run.written()) - before[0]} bytes of {len(PAYLOAD)} in the output")
            time.sleep(0.005)
        before[0] = len(run.written())
    run.serve(meet)


def keep_open_reply(run):
    run.start("listen", "-k", "--reply", "hello", run.place)
    run.may_end_by |= OUTPUT
    run.serve(_conversation(run, b"hello"))


def keep_open_command(run, *options):
    run.start("listen", "-k", *options, run.place, "--", "cat")
    run.serve(_conversation(run))


def keep_open_filtered_command(run):
    keep_open_command(run, "--rate", "1G")


def calc_server(run):
    run.start("calc-server", run.place)
    _calculate(run)


def calc_server_fork(run):
    run.start("calc-server", "--model", "fork", run.place)
    _calculate(run)


def _calculate(run):
    def meet():
        # Waits until it listens, and is a client that leaves without a word.
        if connection := run.connected():
            connection.close()
            with run.other("calc", run.place, "2 * (3 + 4)", stdout=subprocess.PIPE) as client:
                answer = client.stdout.read()
                if client.wait(PATIENCE) != 0:
                    raise ConnectionError("a failed client")
            _expect(answer, b"14\n")
    run.serve(meet)


def http_get(run, model="event"):
    content = run.directory / "content"
    content.mkdir()
    (content / "file").write_bytes(PAYLOAD)
    run.start("http-server", "--model", model, "--list", run.place, content)

    def meet():
        if connection := run.connected():
            client = http.client.HTTPConnection(run.host, PORT, timeout=PATIENCE)
            client.sock = connection
            with contextlib.closing(client), _unless_hidden(run.fault):
                _expect(_get(client, "/file"), PAYLOAD)
                page = _get(client, "/")
                if b">file<" not in page and b"There are more" not in page and not _is_absent(run.fault):
                    raise Lost("a file of a list")
    run.serve(meet)


def _is_absent(fault):
    """Whether a file has vanished, or must not be read, so that it is not listed."""
    return fault and fault.error in ABSENCES


def http_get_fork(run):
    http_get(run, "fork")


@contextlib.contextmanager
def _unless_hidden(fault):
    """A directory that cannot be opened when the sandbox gives rights gets none: nothing in it is served."""
    try:
        yield
    except Refused as error:
        if error.status != 403 or not fault or fault.call != "openat" or fault.error in SHORTAGES:
            raise


def _get(client, path):
    client.request("GET", path)
    return _checked(client)


def _checked(client):
    try:
        response = client.getresponse()
        body = response.read()
    except http.client.HTTPException as error:
        raise ConnectionError(repr(error)) from error
    if response.status >= 300:
        raise Refused(response.status)
    return body


def http_upload(run):
    content = run.directory / "content"
    content.mkdir()
    run.start("http-server", "--upload", "--force", run.place, content)
    number = iter(range(1000))

    def meet():
        name = f"file{next(number)}"
        if connection := run.connected():
            client = http.client.HTTPConnection(run.host, PORT, timeout=PATIENCE)
            client.sock = connection
            with contextlib.closing(client), _unless_hidden(run.fault):
                client.request("PUT", f"/{name}", PAYLOAD)
                _checked(client)
                _expect((content / name).read_bytes(), PAYLOAD)
    run.serve(meet)


def forward(run, *options):
    run.other_server("echo-server", f"{run.host}:{PORT + 1}")
    run.start("forward", *options, run.place, f"{run.host}:{PORT + 1}")
    run.serve(_conversation(run))


def forward_filtered(run):
    forward(run, "--rate", "1G", "-v")


def proxy_socks(run):
    run.other_server("echo-server", f"{run.host}:{PORT + 1}")
    run.start("proxy", run.place)

    def ask(connection):
        connection.sendall(b"\5\1\0")
        _read(connection, b"\5\0")
        connection.sendall(b"\5\1\0\1" + socket.inet_aton(run.host) + struct.pack(">H", PORT + 1))
        _read(connection, b"\5\0\0")
        _read_exactly(connection, 7)
    run.serve(_conversation(run, prologue=ask))


def proxy_connect(run):
    run.other_server("echo-server", f"{run.host}:{PORT + 1}")
    run.start("proxy", run.place)

    def ask(connection):
        connection.sendall(f"CONNECT {run.host}:{PORT + 1} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        header = b""
        while not header.endswith(b"\r\n\r\n"):
            header += _read_exactly(connection, 1)
        if b" 200 " not in header:
            raise ConnectionError(header)
    run.serve(_conversation(run, prologue=ask))


def _read(connection, wanted):
    if _read_exactly(connection, len(wanted)) != wanted:
        raise ConnectionError("refused by the proxy")


def _read_exactly(connection, count):
    result = b""
    while len(result) < count:
        piece = connection.recv(count - len(result))
        if not piece:
            raise ConnectionError("an early end")
        result += piece
    return result


def echo_server_tls(run):
    run.start("echo-server", *run.tools.identity.server, run.place)

    def meet():
        if connection := run.connected():
            connection.close()
            with run.other("connect", *run.tools.identity.client, run.place,
                           stdin=run.reading(PAYLOAD), stdout=subprocess.PIPE) as client:
                answer = client.stdout.read()
                if client.wait(PATIENCE) != 0:
                    raise ConnectionError("a failed client")
            _expect(answer, PAYLOAD)
    run.serve(meet)


SERVERS = (
    echo_server, echo_server_fork, echo_server_thread, echo_server_logged, echo_server_udp, echo_server_tls, keep_open,
    keep_open_reply, keep_open_command, keep_open_filtered_command, calc_server, calc_server_fork, http_get,
    http_get_fork, http_upload, forward, forward_filtered, proxy_socks, proxy_connect)
