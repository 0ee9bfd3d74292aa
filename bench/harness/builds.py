# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the benchmark's own, built before they are needed."""

import pathlib
import subprocess

from .errors import BenchmarkError
from .tools import Tool

BENCH = pathlib.Path(__file__).resolve().parent.parent
CC = Tool("cc", "cc", "gcc libc6-dev")
CC_FOR_TLS = Tool("cc", "cc", "gcc libc6-dev libssl-dev", files=("/usr/include/openssl/ssl.h",))
FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror")
COMPILING_PATIENCE = 60
# The first build fetches SwiftNIO and compiles all of it.
PACKAGE_PATIENCE = 900


def compile_c(source, directory, libraries=()):
    """Compiles `source`, named from here, into the directory, and links it with the libraries.

    Returns the path of the program. Raises BenchmarkError if it does not compile.
    """
    program = directory / pathlib.Path(source).stem
    options = (f"-l{library}" for library in libraries)
    build([CC.program, *FLAGS, "-o", program, BENCH / source, *options], COMPILING_PATIENCE)
    return program


def build_package(path, product):
    """Builds a Swift package for release, into its own `.build`, where the next run finds it.

    Returns the path of the program. Raises BenchmarkError if it cannot be built, such as without network.
    """
    package = BENCH / path
    build(["swift", "build", "--configuration", "release", "--static-swift-stdlib",
           "--package-path", package, "--product", product], PACKAGE_PATIENCE)
    return package / ".build" / "release" / product


def build(command, patience):
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience, check=False)
    except OSError as error:
        raise BenchmarkError(f"cannot run {command[0]}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise BenchmarkError(f"{command[0]} built nothing within {patience} s") from error
    if done.returncode != 0:
        said = [line for line in (done.stdout + done.stderr).splitlines() if "error" in line]
        raise BenchmarkError(f"{command[0]} failed: {said[0].strip() if said else 'no message'}")
