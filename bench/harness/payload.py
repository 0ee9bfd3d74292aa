# SPDX-License-Identifier: GPL-3.0-or-later
"""Files to move: random bytes, and lines."""

import os
import pathlib
import tempfile

MIB = 1 << 20


class Payload:
    """A directory of files by size, which is removed in the end."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="sockkit-bench-")
        self.directory = pathlib.Path(self._directory.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._directory.cleanup()

    def file(self, mebibytes):
        """The path of a file of that size, written out so that no write-back disturbs what is measured."""
        path = self.directory / f"{mebibytes}-mib"
        if not path.exists():
            with open(path, "wb") as file:
                for _ in range(mebibytes):
                    file.write(os.urandom(MIB))
                file.flush()
                os.fsync(file.fileno())
        return path

    def site(self, *sizes):
        """A directory of files that are named by their sizes in bytes, for servers of files."""
        site = self.directory / "site"
        site.mkdir(exist_ok=True)
        for size in sizes:
            (site / f"{size}.bin").write_bytes(os.urandom(size))
        return site

    def lines(self, count, length):
        """The path of a file of numbered lines, each of that length without its newline."""
        path = self.directory / f"{count}-lines-of-{length}"
        if not path.exists():
            path.write_text("".join(f"{number:0{length}}\n" for number in range(count)), encoding="ascii")
        return path
