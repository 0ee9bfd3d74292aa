# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP server under the load of many small requests, or of a large file."""

import dataclasses
import http.client
import os
import pathlib
import re
import sys

from .errors import BenchmarkError
from .ports import LOOPBACK
from .processes import Crew
from .servers import on_core
from .tools import Tool

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = (sys.executable, "-S", "-E")
WRK = Tool("wrk", "wrk", "wrk", ("--version",))
CONNECTIONS = 50
# Longer than the output of the loads.
ANSWER = 64 << 10
GIB = 1 << 30


@dataclasses.dataclass(frozen=True)
class Requests:
    """How a server answered wrk."""

    rate: float
    most_within: float
    # None for a server of many processes.
    processor_seconds_per_million: float
    # The problem as wrk reports it; empty if there was none.
    problem: str


@dataclasses.dataclass(frozen=True)
class Download:
    """How a server sent a large file."""

    rate: float
    # None for a server of many processes that cannot be counted.
    processor_seconds_per_gib: float
    # Always empty: a download that fails ends the benchmark.
    problem: str = ""


def verify(server, file, patience):
    """Gets a file once and compares it, so that no speed is bought with wrong bytes."""
    with Crew(patience) as crew:
        _, port = server.start(crew)
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=patience)
        try:
            connection.request("GET", f"/{file.name}")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise BenchmarkError(f"{server.name} does not send {file.name}: {error}") from error
        finally:
            connection.close()
        if answer.status != 200 or body != file.read_bytes():
            raise BenchmarkError(f"{server.name} sends something else than {file.name} (status {answer.status})")


def request_often(server, file, seconds, patience, wrap=None):
    """The load of wrk: the file by one connection after the other where the server does not keep them.

    `wrap` counts the time of a server of many processes.
    """
    with Crew(patience) as crew:
        process, port = server.start(crew, wrap.command if wrap else ())
        before = server.processor_seconds(process)
        said = run_load(crew, "wrk", [
            WRK.program, "--threads", 1, "--connections", CONNECTIONS, "--duration", f"{seconds}s", "--latency",
            f"http://{LOOPBACK}:{port}/{file.name}"])
        after = server.processor_seconds(process)
        spent = after - before if before is not None else None
        if wrap:
            spent = stop_and_read(crew, process, wrap)
        requests = int(find(r"(\d+) requests in", said))
        value, unit = find(r"99%\s+([\d.]+)(us|ms|s)\b", said, whole=True)
        troubles = re.findall(r"Socket errors:.*|Non-2xx.*", said)
        return Requests(
            float(find(r"Requests/sec:\s+([\d.]+)", said)), float(value) * {"us": 1, "ms": 1e3, "s": 1e6}[unit],
            None if spent is None or requests == 0 else spent / requests * 1e6, "; ".join(troubles))


def download(server, file, seconds, patience, wrap=None):
    """Gets a large file again and again; `wrap` counts the time of a server of many processes."""
    with Crew(patience) as crew:
        process, port = server.start(crew, wrap.command if wrap else ())
        before = server.processor_seconds(process)
        said = run_load(crew, "the download", [
            *PYTHON, HERE / "fetch.py", LOOPBACK, port, file.name, file.stat().st_size, seconds])
        after = server.processor_seconds(process)
        count, taken = int(said.split()[0]), float(said.split()[1])
        spent = after - before if before is not None else None
        if wrap:
            spent = stop_and_read(crew, process, wrap)
        return Download(count / taken, None if spent is None else spent / count * GIB)


def stop_and_read(crew, process, wrap):
    """Ends a server of many processes, and returns the time that was counted."""
    process.stop_group()
    crew.wait(process)
    return wrap.read()


def run_load(crew, name, command):
    """Runs a load on the second core to its end, and returns what it printed."""
    answer, answered = crew.pipe()
    null = crew.open(os.devnull)
    load = crew.start(name, [*on_core(1), *command], null, answered)
    crew.wait(load)
    return os.read(answer, ANSWER).decode()


def find(pattern, text, whole=False):
    found = re.search(pattern, text)
    if found is None:
        raise BenchmarkError(f"the load said nothing like {pattern}: {text.strip()}")
    return found.groups() if whole else found.group(1)
