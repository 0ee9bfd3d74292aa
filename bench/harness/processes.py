# SPDX-License-Identifier: GPL-3.0-or-later
"""Child processes that are waited for within bounds, measured, and never left behind."""

import dataclasses
import os
import pathlib
import select
import signal
import tempfile
import time

from .errors import BenchmarkError

# How a program that runs until SIGTERM ends: well, by the signal, or with the status that a shell gives to the signal.
STOPPED = (0, -signal.SIGTERM, 128 + signal.SIGTERM)


@dataclasses.dataclass(frozen=True)
class Usage:
    """What a process that has ended took."""

    ended: float
    processor_seconds: float
    peak_bytes: int


class Process:
    """A child, in a process group of its own so that its children end with it."""

    def __init__(self, name, argv, stdin, stdout):
        self.name = name
        self.usage = None
        # The exit status once it has ended, negative for a signal.
        self.status = None
        self._errors = tempfile.TemporaryFile()
        self.started = time.monotonic()
        try:
            self.pid = os.posix_spawnp(
                argv[0], [str(word) for word in argv], os.environ, setpgroup=0,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, stdin, 0),
                    (os.POSIX_SPAWN_DUP2, stdout, 1),
                    (os.POSIX_SPAWN_DUP2, self._errors.fileno(), 2),
                ])
        except OSError as error:
            self._errors.close()
            raise BenchmarkError(f"cannot run {argv[0]}: {error.strerror}") from error
        self.handle = os.pidfd_open(self.pid)
        self._peak = 0
        self._good_ends = (0,)

    def sample_memory(self):
        """Notes the peak so far. What wait4 reports is no good: a child inherits its parent's peak there."""
        try:
            status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                self._peak = max(self._peak, int(line.split()[1]) << 10)

    def has_ended(self):
        return self.usage is not None or bool(select.select([self.handle], [], [], 0)[0])

    def stop(self):
        """Tells one that runs until it is stopped to end.

        Raises BenchmarkError if it has ended by itself.
        """
        if self.has_ended():
            raise BenchmarkError(f"{self.name} ended before it was stopped: {self.complaint()}")
        self._good_ends = STOPPED
        signal.pidfd_send_signal(self.handle, signal.SIGTERM)

    def kill(self):
        """Ends one at once, as a crash does."""
        self._good_ends = (-signal.SIGKILL,)
        signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def allow_any_end(self):
        """Lets it end with any status, for a caller that looks at `status`."""
        self._good_ends = None

    def stop_group(self):
        """Interrupts one that wraps another, together with that, as a terminal does: perf then tells what it counted.

        Raises BenchmarkError if it has ended by itself.
        """
        if self.has_ended():
            raise BenchmarkError(f"{self.name} ended before it was stopped: {self.complaint()}")
        self._good_ends = (0, -signal.SIGINT, 128 + signal.SIGINT)
        os.killpg(self.pid, signal.SIGINT)

    def collect(self, ended):
        """Reaps the process.

        Raises BenchmarkError unless it succeeded, was stopped or killed and ended by that, or may end in any way.
        """
        _, status, resources = os.wait4(self.pid, 0)
        self.usage = Usage(ended, resources.ru_utime + resources.ru_stime, self._peak)
        self.status = os.waitstatus_to_exitcode(status)
        if self._good_ends is not None and self.status not in self._good_ends:
            raise BenchmarkError(f"{self.name} failed ({describe_status(status)}): {self.complaint()}")

    def complaint(self):
        """The last line it wrote to standard error."""
        return next((line.strip() for line in reversed(self.log()) if line.strip()), "no message")

    def log(self):
        """The lines it has written to standard error so far."""
        size = os.fstat(self._errors.fileno()).st_size
        # Read at a place: the program writes where this side's file offset is.
        return os.pread(self._errors.fileno(), size, 0).decode(errors="replace").split("\n")

    def discard(self):
        """Ends whatever is left of it."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        # Children of the program that are passed to this process are waited for too; see servers.prepare.
        while True:
            try:
                os.waitpid(-self.pid, 0)
            except ChildProcessError:
                break
        os.close(self.handle)
        self._errors.close()


class Crew:
    """Processes that work together; leaving the `with` block ends those that still run."""

    SAMPLE_PAUSE = 0.02

    def __init__(self, patience):
        self.patience = patience
        self._members = []
        self._descriptors = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self._members:
            member.discard()
        self.close_descriptors()

    def open(self, path, flags=os.O_RDONLY):
        """Opens a file for members to come; it is closed together with all others."""
        return self._own(os.open(path, flags | os.O_CLOEXEC, 0o600))

    def pipe(self):
        """Opens a pipe for members to come."""
        reader, writer = os.pipe()
        return self._own(reader), self._own(writer)

    def silence(self):
        """Opens an input that stays open and empty for as long as a member has it."""
        reader, _ = self.pipe()
        # With both ends in one descriptor, the member itself keeps the pipe from ending.
        return self.open(f"/proc/self/fd/{reader}", os.O_RDWR)

    def start(self, name, argv, stdin, stdout):
        process = Process(name, argv, stdin, stdout)
        self._members.append(process)
        return process

    def close_descriptors(self):
        """Closes this side's copies, without which no reader sees the end of a pipe."""
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []

    def wait(self, *awaited):
        """Waits until these, or else all, have ended well, and notes when each did."""
        deadline = time.monotonic() + self.patience
        poller = select.poll()
        running = {member.handle: member for member in awaited or self._members if member.usage is None}
        for handle in running:
            poller.register(handle, select.POLLIN)
        while running:
            ready = poller.poll(self.SAMPLE_PAUSE * 1000)
            now = time.monotonic()
            for handle, _ in ready:
                poller.unregister(handle)
                running.pop(handle).collect(now)
            for member in running.values():
                member.sample_memory()
            if running and now > deadline:
                names = " and ".join(member.name for member in running.values())
                raise BenchmarkError(f"{names} did not end within {self.patience} s")

    def _own(self, descriptor):
        self._descriptors.append(descriptor)
        return descriptor


def describe_status(status):
    code = os.waitstatus_to_exitcode(status)
    return f"status {code}" if code >= 0 else signal.Signals(-code).name
