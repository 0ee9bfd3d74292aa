# SPDX-License-Identifier: GPL-3.0-or-later
"""One proxy between a sender and a receiver, or between a load and an echo server."""

import dataclasses
import os
import pathlib
import shutil

from .builds import BENCH, compile_c
from .forwards import HAPROXY, Forwarder, haproxy_command
from .handshakes import hold_idle, run_handshakes
from .ports import LOOPBACK, await_free_ports, await_listener, free_port
from .processes import Crew
from .servers import on_core
from .tools import NCAT, Tool

# Servers that would run from then on if they were installed: `make bench` unpacks their packages here.
UNPACKED = BENCH.parent / ".build" / "peers" / "usr"
DANTE_CONFIGURATION = f"""errorlog: stderr
internal: {LOOPBACK} port = PORT
external: {LOOPBACK}
socksmethod: none
clientmethod: none
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
"""
# The shell completes the configuration, because only there the port is known.
DANTE_SCRIPT = 'sed "s/PORT/{port}/" "$1" > "$1-{port}" && exec "$0" -f "$1-{port}"'


def unpacked(name, program, package):
    """A tool that is installed, or unpacked."""
    places = os.pathsep.join([os.environ["PATH"], *(str(UNPACKED / place) for place in ("bin", "sbin"))])
    return Tool(name, shutil.which(program, path=places) or program, package, ("-v",))


DANTE = unpacked("dante", "danted", "dante-server")
MICROSOCKS = unpacked("microsocks", "microsocks", "microsocks")


@dataclasses.dataclass(frozen=True)
class Proxy(Forwarder):
    """A program that connects its clients to the targets that they name."""

    # What the load speaks with it; `plain` for a forwarder to one target.
    scheme: str = "socks5"
    # Whether it binds a port for each connection to a target, which has to be free.
    binds_ports: bool = False

    def connect(self, tool, port, target):
        """sockkit's command with an option for the proxy; a tracer may precede it."""
        if self.scheme == "plain":
            return super().connect(tool, port, target)
        words = tool.connect(target)
        place = words.index("connect") + 1
        return [*words[:place], "--proxy", f"{self.scheme}://{LOOPBACK}:{port}", *words[place:]]


def own_proxy(tool):
    return Proxy(tool.name, (tool.program, "proxy", "{host}:{port}"))


def own_forwarder(tool):
    """What serves in the same way, and needs no handshake."""
    return Proxy(f"{tool.name}, forward", (tool.program, "forward", "{host}:{port}", "{host}:{target}"), scheme="plain")


def peers(directory):
    """Those to compare with: dante has processes, microsocks threads, and ncat a process for each connection."""
    configuration = directory / "dante"
    configuration.write_text(DANTE_CONFIGURATION, encoding="ascii")
    return (
        Proxy(DANTE.name, ("sh", "-c", DANTE_SCRIPT, DANTE.program, configuration), is_single=False, binds_ports=True),
        Proxy(MICROSOCKS.name, (MICROSOCKS.program, "-i", "{host}", "-p", "{port}")),
        Proxy(NCAT.name, (NCAT.program, "-lk", "-m", 10000, "--proxy-type", "http", "{host}", "{port}"),
              is_single=False, scheme="http"),
        Proxy(HAPROXY.name, haproxy_command(directory), scheme="plain"),
    )


def reference(directory):
    """What makes connections with the fewest system calls, and is fit for nothing else."""
    return Proxy("C, epoll", (compile_c("servers/epoll_socks.c", directory), "{port}"))


@dataclasses.dataclass(frozen=True)
class Load:
    """The load of connections, and the server behind the proxy that answers it."""

    program: pathlib.Path
    echo_server: pathlib.Path
    patience: float

    def run_connections(self, proxy, seconds):
        """Makes connections through a proxy for that long, each with a byte there and back."""
        with Crew(self.patience) as crew:
            target = self._start_target(crew, proxy)
            return run_handshakes(
                proxy.to(target), self.program, "rate", seconds, self.patience, proxy.scheme, target)

    def hold_idle(self, proxy, count):
        """Opens that many connections through a proxy, and then has a byte echoed on each."""
        with Crew(self.patience) as crew:
            target = self._start_target(crew, proxy)
            return hold_idle(proxy.to(target), self.program, count, self.patience, proxy.scheme, target)

    def _start_target(self, crew, proxy):
        if proxy.binds_ports:
            await_free_ports()
        port = free_port()
        null = crew.open(os.devnull, os.O_RDWR)
        await_listener(port, crew.start("the echo server", [*on_core(1), self.echo_server, port], null, null))
        return port
