# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate for the jobs with TLS."""

import dataclasses
import pathlib
import subprocess


@dataclasses.dataclass(frozen=True)
class Identity:
    """A certificate signed by itself, and its key."""

    certificate: pathlib.Path
    key: pathlib.Path

    @classmethod
    def made(cls, directory):
        result = cls(directory / "certificate.pem", directory / "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-out", result.certificate, "-keyout", result.key],
            check=True, stderr=subprocess.DEVNULL)
        return result

    @property
    def server(self):
        return "--tls", "--tls-cert", self.certificate, "--tls-key", self.key

    @property
    def client(self):
        return "--tls", "--insecure"
