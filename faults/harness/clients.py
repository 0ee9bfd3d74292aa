# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of subcommands that end by themselves."""

import socket
import subprocess
import threading
import time

from .findings import Finding
from .program import PATIENCE
from .run import PAYLOAD, PORT, exchange, receive_all, send_all

LINES = [b"line %d\n" % number for number in range(5)]
# What a sender makes of the lines.
MESSAGES = [line.rstrip() for line in LINES]


def connect_upload(run, *options):
    peer = run.peer(receive_all)
    run.start("connect", *options, run.place, stdin=run.reading(PAYLOAD))
    run.judge(lambda: peer.result() == PAYLOAD)


def connect_download(run, *options):
    run.peer(lambda connection: send_all(connection, PAYLOAD) or receive_all(connection))
    run.start("connect", *options, run.place, stdout=run.writing())
    run.judge(lambda: run.written() == PAYLOAD)


def connect_pipes(run, *options):
    """Bytes in both directions between pipes and an echo."""
    run.peer(_echo)
    program = run.start("connect", *options, run.place, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    received = []
    feeder = threading.Thread(target=_feed, args=(program.process.stdin,), daemon=True)
    reader = threading.Thread(target=lambda: received.append(program.process.stdout.read()), daemon=True)
    feeder.start()
    reader.start()

    def is_complete():
        reader.join(PATIENCE)
        return received == [PAYLOAD]
    run.judge(is_complete)


def _feed(pipe):
    try:
        with pipe:
            pipe.write(PAYLOAD)
    except OSError:
        pass


def _echo(connection):
    while piece := connection.recv(1 << 16):
        connection.sendall(piece)


def connect_blocking(run):
    connect_pipes(run, "--blocking")


def connect_retry(run):
    connect_upload(run, "--retry", "2s", "-v")


def connect_command(run):
    """The command sends back what it gets."""
    peer = run.peer(lambda connection: exchange(connection, PAYLOAD))
    run.start("connect", run.place, "--", "cat")
    run.judge_command(lambda: peer.result() == PAYLOAD)


def connect_filtered_command(run):
    peer = run.peer(lambda connection: exchange(connection, PAYLOAD))
    run.start("connect", "--rate", "1G", run.place, "--", "cat")
    run.judge_command(lambda: peer.result() == PAYLOAD)


def connect_check(run):
    run.peer(receive_all)
    run.start("connect", "-z", "-v", run.place)
    # The status is the answer.
    run.judge(lambda: True)


def connect_tls(run):
    """Both ends are the program's: the other one is started without failures."""
    server = run.other_server("listen", *run.tools.identity.server, run.place, stdout=run.writing())
    run.start("connect", *run.tools.identity.client, run.place, stdin=run.reading(PAYLOAD))
    run.judge(lambda: server.wait(PATIENCE) == 0 and run.written() == PAYLOAD)


def listen_tls(run):
    run.start("listen", *run.tools.identity.server, run.place, stdout=run.writing())
    run.closing.enter_context(run.other(
        "connect", *run.tools.identity.client, "--retry", "5s", run.place, stdin=run.reading(PAYLOAD)))
    run.judge(lambda: run.written() == PAYLOAD)


def listen_download(run, *options):
    run.start("listen", *options, run.place, stdout=run.writing())
    if connection := run.connected():
        _ignoring_reset(lambda: exchange(connection, PAYLOAD))
    run.judge(lambda: run.written() == PAYLOAD)


def listen_upload(run, *options):
    run.start("listen", *options, run.place, stdin=run.reading(PAYLOAD))
    received = None
    if connection := run.connected():
        received = _ignoring_reset(lambda: exchange(connection, b""))
    run.judge(lambda: received == PAYLOAD)


def listen_blocking(run):
    listen_download(run, "--blocking")


def listen_command(run, *options):
    run.start("listen", *options, run.place, "--", "cat")
    received = None
    if connection := run.connected():
        received = _ignoring_reset(lambda: exchange(connection, PAYLOAD))
    run.judge_command(lambda: received == PAYLOAD)


def listen_filtered_command(run):
    listen_command(run, "--rate", "1G")


def _ignoring_reset(work):
    try:
        return work()
    except TimeoutError as error:
        raise Finding("hang", "of the peer") from error
    except OSError:
        return None


def udp_send(run):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind((run.host, PORT))
        run.start("udp-send", run.place, stdin=run.reading(b"".join(LINES)))
        # A datagram that was refused is lost, which is reported.
        run.judge(lambda: _datagrams(receiver) == MESSAGES or run.program.errors)


def _datagrams(receiver):
    receiver.setblocking(False)
    result = []
    try:
        while True:
            result.append(receiver.recv(100))
    except BlockingIOError:
        return result


def udp_recv(run):
    run.start("udp-recv", "--raw", "--count", str(len(LINES)), run.place, stdout=run.writing())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        if await_bound(run):
            sender.connect((run.host, PORT))
            for line in LINES:
                _ignoring_reset(lambda line=line: sender.send(line))
            # Of datagrams that got lost there are more.
            end = time.monotonic() + PATIENCE
            while not run.program.ends_within(0.2) and time.monotonic() < end:
                _ignoring_reset(lambda: sender.send(b"more\n"))
    lossless = b"".join(LINES)
    run.judge(lambda: run.written() == lossless or (b"more" in run.written() and len(run.written()) >= 5 * len(LINES)))


def await_bound(run):
    """Waits until something is bound to the place over UDP; whether that came."""
    address = ":".join(("".join(reversed(["%02X" % int(part) for part in run.host.split(".")])), "%04X" % PORT))
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not run.program.has_ended():
        with open("/proc/net/udp", encoding="ascii") as table:
            if any(f" {address} " in line for line in table):
                return True
        time.sleep(0.002)
    return False


def udp_send_tls(run):
    """Both ends are the program's, as in `connect_tls`."""
    run.other_server("udp-recv", "--raw", *run.tools.identity.server, run.place, stdout=run.writing())
    run.start("udp-send", *run.tools.identity.client, run.place, stdin=run.reading(b"".join(LINES)))

    def is_complete():
        # A datagram that was refused is lost, which is reported. The others are on their way.
        is_reported = any("--insecure" not in line for line in run.program.errors.splitlines())
        end = time.monotonic() + PATIENCE / 2
        while not is_reported and run.written() != b"".join(MESSAGES) and time.monotonic() < end:
            time.sleep(0.005)
        return is_reported or run.written() == b"".join(MESSAGES)
    run.judge(is_complete)


def udp_recv_tls(run):
    run.start("udp-recv", "--raw", "--count", str(len(LINES)), *run.tools.identity.server, run.place,
              stdout=run.writing())
    if await_bound(run):
        # Of datagrams that got lost there are more, and a session that could not be kept is followed by another one.
        end = time.monotonic() + PATIENCE
        while not run.program.has_ended() and time.monotonic() < end:
            with run.other("udp-send", *run.tools.identity.client, run.place,
                           stdin=run.reading(b"".join(LINES))) as sender:
                while sender.poll() is None and not run.program.ends_within(0.01) and time.monotonic() < end:
                    pass
                run.program.ends_within(0.2)

    def is_complete():
        written = run.written()
        size = len(MESSAGES[0])
        return written == b"".join(MESSAGES) or (
            run.program.has_failed_call() and len(written) == size * len(MESSAGES)
            and all(written[start:start + size] in MESSAGES for start in range(0, len(written), size)))
    run.judge(is_complete)


def calc(run):
    run.other_server("calc-server", run.place)
    run.start("calc", run.place, "2 * (3 + 4)", "1 / 4", stdout=run.writing())
    run.judge(lambda: run.written() == b"14\n0.25\n")


def resolve(run):
    run.start("resolve", "--timeout", "2s", "localhost", "127.0.0.1", stdout=run.writing())
    run.judge(lambda: run.written().count(b"127.0.0.1") >= 1)


def getserv(run):
    run.start("getserv", "http", stdout=run.writing())
    run.judge(lambda: run.written() == b"80/tcp\n")


def buffers(run, *options):
    run.start("buffers", "--json", *options, stdout=run.writing())
    run.judge(lambda: run.written().endswith(b"}\n"))


def buffers_unix(run):
    buffers(run, "--unix")


def buffers_udp(run):
    buffers(run, "--udp")


CLIENTS = (
    connect_upload, connect_download, connect_pipes, connect_blocking, connect_retry, connect_command,
    connect_filtered_command, connect_check, connect_tls, listen_tls, listen_download, listen_upload, listen_blocking,
    listen_command, listen_filtered_command, udp_send, udp_recv, udp_send_tls, udp_recv_tls, calc, resolve,
    getserv, buffers, buffers_unix, buffers_udp)
