# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that are compared and those that help: how each is called, and where it comes from."""

import dataclasses
import os
import re
import shutil
import subprocess

from .errors import BenchmarkError
from .ports import LOOPBACK


@dataclasses.dataclass(frozen=True)
class Tool:
    """A program, and its command lines as its users would write them."""

    name: str
    program: str
    origin: str
    version_arguments: tuple = ("--version",)
    listen_arguments: tuple = ()
    connect_arguments: tuple = ()
    receive_arguments: tuple = ()
    send_arguments: tuple = ()
    # Files that have to exist besides the program, such as headers.
    files: tuple = ()
    # Whether a listener breaks off a connection when its standard input ends.
    listener_needs_input: bool = False

    def listen(self, port):
        return self._command(self.listen_arguments, port)

    def connect(self, port):
        return self._command(self.connect_arguments, port)

    def receive_datagrams(self, port):
        return self._command(self.receive_arguments, port)

    def send_datagrams(self, port):
        return self._command(self.send_arguments, port)

    def is_present(self):
        return shutil.which(self.program) is not None and all(os.path.exists(file) for file in self.files)

    def version(self):
        """The part of what the tool says about itself that looks like a version."""
        try:
            said = subprocess.run(
                [self.program, *self.version_arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=10, check=False)
        except OSError as error:
            raise BenchmarkError(f"cannot run {self.program}: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise BenchmarkError(f"{self.program} does not tell its version") from error
        found = re.search(r"(?:patchlevel |[Vv]ersion |\bv?)(\d+\.\d[\w.+-]*)", said.stdout + said.stderr)
        return found.group(1) if found else "unknown"

    def _command(self, arguments, port):
        return [self.program, *(word.format(host=LOOPBACK, port=port) for word in arguments)]


NC = Tool(
    "nc.openbsd", "nc.openbsd", "netcat-openbsd", ("-h",),
    ("-l", "{host}", "{port}"), ("-N", "{host}", "{port}"),
    ("-u", "-l", "-k", "{host}", "{port}"), ("-u", "-q0", "{host}", "{port}"))
NCAT = Tool(
    "ncat", "ncat", "ncat", ("--version",),
    ("-l", "{host}", "{port}"), ("{host}", "{port}"),
    ("-u", "-l", "{host}", "{port}"), ("-u", "--send-only", "{host}", "{port}"))
# One direction, as users write it to move a file. In both directions, socat ends half a second after either has ended.
SOCAT = Tool(
    "socat", "socat", "socat", ("-V",),
    ("-u", "TCP-LISTEN:{port},bind={host}", "-"), ("-u", "-", "TCP:{host}:{port}"),
    ("-u", "UDP-RECV:{port},bind={host}", "-"), ("-u", "-", "UDP-SENDTO:{host}:{port}"))
STRACE = Tool("strace", "strace", "strace", ("-V",))
BUSYBOX = Tool("busybox", "busybox", "busybox", ())
TASKSET = Tool("taskset", "taskset", "util-linux")
PEERS = (NC, NCAT, SOCAT)


def sockkit_tool(name, program):
    """A sockkit, whose name tells it from another one in the same run."""
    return Tool(
        name, os.path.abspath(program), "this repository", ("--version",),
        ("listen", "{host}", "{port}"), ("connect", "{host}", "{port}"),
        ("udp-recv", "--raw", "{host}", "{port}"), ("udp-send", "{host}", "{port}"))


class Toolbox:
    """The tools of one run of the benchmark: sockkit, and beside it either its peers or an older sockkit."""

    def __init__(self, program, baseline=None):
        if not os.access(program, os.X_OK):
            raise BenchmarkError(
                f"{program} is missing; build it: swift build -c release --static-swift-stdlib (or name it: --sockkit)")
        self.sockkit = sockkit_tool("sockkit" if baseline is None else "new", program)
        self.baseline = None
        self._used = [self.sockkit]
        if baseline is not None:
            if not os.access(baseline, os.X_OK):
                raise BenchmarkError(f"{baseline}, the baseline, is missing or cannot be run")
            self.baseline = sockkit_tool("baseline", baseline)
            self._used.append(self.baseline)

    @property
    def contenders(self):
        """Who takes part in a comparison, in the order of the runs."""
        return (self.sockkit, *PEERS)

    def require(self, tools):
        """Raises BenchmarkError, with what to install, unless all are present."""
        missing = sorted({tool.origin for tool in tools if not tool.is_present()})
        if missing:
            raise BenchmarkError(f"missing tools; install the Debian packages: apt install {' '.join(missing)}")
        self._used += [tool for tool in tools if tool not in self._used]

    def versions(self):
        """The version of every tool that was used."""
        return {tool.name: tool.version() for tool in self._used}
