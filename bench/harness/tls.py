# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate, and the command lines of the tools and servers that use it."""

import dataclasses
import pathlib

from .builds import build, compile_c
from .forwards import HAPROXY, Forwarder, haproxy_command, write_haproxy_configuration
from .ports import LOOPBACK
from .servers import Server
from .tools import NCAT, SOCAT, Tool

OPENSSL = Tool("openssl", "openssl", "openssl", ("version",))
STUNNEL = Tool("stunnel", "stunnel4", "stunnel4", ("-version",))
COPIER = "C, OpenSSL"
LIBRARIES = ("ssl", "crypto")
PATIENCE = 60
# The shell gives it the configuration, because only there the ports are known.
STUNNEL_SCRIPT = """exec "$0" -fd 0 << END
foreground = yes
pid =
debug = err
[forward]
cert = $1
accept = {host}:{port}
connect = {host}:{target}
END
"""


@dataclasses.dataclass(frozen=True)
class Identity:
    """A certificate for loopback, signed by itself, its key, and a file with both."""

    certificate: pathlib.Path
    key: pathlib.Path
    both: pathlib.Path

    def listening(self):
        """sockkit's options for a server."""
        return ("--tls", "--tls-cert", str(self.both))

    def equip(self, sockkit):
        """A sockkit whose ends of a transfer speak TLS."""
        return dataclasses.replace(
            sockkit, listen_arguments=("listen", *self.listening(), "{host}", "{port}"),
            connect_arguments=("connect", "--tls", "--tls-ca", str(self.certificate), "{host}", "{port}"))

    def peers(self, copier):
        """The tools to compare transfers with. ncat breaks off a connection when a listener's input ends."""
        both, certificate = str(self.both), str(self.certificate)
        return (
            copier,
            dataclasses.replace(
                NCAT, connect_arguments=("--ssl", "{host}", "{port}"), listener_needs_input=True,
                listen_arguments=(
                    "-l", "--ssl", "--ssl-cert", certificate, "--ssl-key", str(self.key), "{host}", "{port}")),
            dataclasses.replace(
                SOCAT,
                listen_arguments=(
                    "-u", "-b", "262144", f"OPENSSL-LISTEN:{{port}},bind={{host}},cert={both},verify=0", "-"),
                connect_arguments=("-u", "-b", "262144", "-", f"OPENSSL:{{host}}:{{port}},cafile={certificate}")),
        )

    def own_forwarder(self, sockkit):
        return Forwarder(
            sockkit.name, (sockkit.program, "forward", *self.listening(), "{host}:{port}", "{host}:{target}"))

    def forwarders(self, directory):
        """Those to compare with."""
        return (
            Forwarder(HAPROXY.name, haproxy_command(directory, binding=f"ssl crt {self.both}")),
            Forwarder(STUNNEL.name, ("sh", "-c", STUNNEL_SCRIPT, STUNNEL.program, self.both)),
        )

    def own_server(self, sockkit):
        return Server(sockkit.name, (
            sockkit.program, "echo-server", "--model", "event", *self.listening(), "{host}", "{port}"))

    def servers(self, directory):
        """Those to compare handshakes with: HAProxy has nothing behind it, and ends when the client does."""
        path = write_haproxy_configuration(
            directory, [f"bind {LOOPBACK}:${{PORT}} ssl crt {self.both}", "http-request return status 204"], "http")
        return (
            Server(HAPROXY.name, ("env", "PORT={port}", HAPROXY.program, "-db", "-f", path)),
            Server(NCAT.name, (
                NCAT.program, "-lk", "--ssl", "--ssl-cert", self.certificate, "--ssl-key", self.key, "-m", 10000,
                "-e", "/bin/cat", "{host}", "{port}"), is_single=False),
        )


def make_identity(directory):
    """Creates an ECDSA key on P-256 and its certificate."""
    identity = Identity(directory / "certificate.pem", directory / "key.pem", directory / "both.pem")
    build([OPENSSL.program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
           "-subj", f"/CN={LOOPBACK}", "-addext", f"subjectAltName=IP:{LOOPBACK}", "-days", "2",
           "-keyout", identity.key, "-out", identity.certificate], PATIENCE)
    identity.both.write_bytes(identity.certificate.read_bytes() + identity.key.read_bytes())
    return identity


def build_copier(identity, directory):
    """The tool in C, which also checks that the others agree on the cipher that all are measured with."""
    program = compile_c("servers/tls_copy.c", directory, LIBRARIES)
    return Tool(
        COPIER, str(program), "this repository", (), ("listen", "{port}", str(identity.both)),
        ("connect", "{port}", str(identity.certificate)))


def build_load(directory):
    """The load of handshakes and of idle connections."""
    return compile_c("load/tls_load.c", directory, LIBRARIES)
