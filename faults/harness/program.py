# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockkit of which one call fails: how it is started, watched and ended."""

import contextlib
import os
import pathlib
import re
import select
import signal
import subprocess
import time

from .findings import Finding

# The longest time for a job, and the longest processor time; each takes some hundredths of a second.
PATIENCE = 5
MOST_PROCESSOR_SECONDS = 1.0
# The statuses of sockkit(1), apart from those of commands and signals.
DOCUMENTED = {0, 64, 65, 66, 68, 69, 71, 73, 74, 75, 76, 77, 126, 127}
# The signals that end a command whose connection has failed; the program passes the status on.
STOPPING = {signal.SIGHUP, signal.SIGPIPE, signal.SIGKILL}
# What names the processes of a run in their environments.
MARK = "SOCKKIT_FAULT_RUN"


def compile_helper(directory):
    """Compiles `fail-call`; its path."""
    path = directory / "fail-call"
    new = directory / f"fail-call.{os.getpid()}"
    source = pathlib.Path(__file__).resolve().parent.parent / "fail-call.c"
    subprocess.run(["cc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-o", new, source], check=True)
    new.rename(path)
    return path


class Program:
    """A running sockkit, in a session of its own."""

    def __init__(self, helper, sockkit, fault, words, mark, directory, **streams):
        self.fault = fault
        self.words = words
        self.status = None
        self.has_command = False
        self._may_be_ending = False
        # By kind, how many calls were made, and how many of them before it took its first client.
        self.counts = {}
        self.counts_at_start = {}
        self._mark = mark
        self._report, theirs = os.pipe()
        os.set_blocking(self._report, False)
        self._reported = b""
        call, code, number = (fault.call, fault.code, fault.number) if fault else ("all", 0, 0)
        self._errors = open(directory / "errors", "w+b")
        self.process = subprocess.Popen(
            [helper, str(theirs), call, str(code), str(number), sockkit, *words], pass_fds=(theirs,),
            stderr=self._errors, start_new_session=True, env={**os.environ, MARK: mark},
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **streams})
        os.close(theirs)
        # It is not waited for before `finish`, so that its number stays its own.
        self._handle = os.pidfd_open(self.process.pid)

    @property
    def errors(self):
        return pathlib.Path(self._errors.name).read_text(errors="replace")

    def has_failed_call(self):
        """Whether the call has failed by now."""
        self._read_report()
        return b"failed" in self._reported

    def has_ended(self):
        return self.ends_within(0)

    def ends_within(self, seconds):
        """Waits for its end for a while; whether it came."""
        return self.status is not None or bool(select.select([self._handle], [], [], seconds)[0])

    def descriptors(self):
        """What its descriptors lead to, without the pipes that it keeps for further use; `None` if it has ended."""
        directory = f"/proc/{self.process.pid}/fd"
        result = []
        try:
            for name in os.listdir(directory):
                with contextlib.suppress(FileNotFoundError):
                    result.append(os.readlink(f"{directory}/{name}"))
        except OSError:
            return None
        return [target for target in result if not target.startswith("pipe:")]

    def stop(self, may_be_ending=False):
        """Asks it to end. One that is already doing so, for its own reason, no longer waits for such a signal."""
        self._may_be_ending = may_be_ending
        signal.pidfd_send_signal(self._handle, signal.SIGTERM)

    def finish(self):
        """Waits for its end, and judges what does not depend on the job.

        Raises Finding if it hangs, crashes, takes too long, leaves a process behind, or fails without saying so.
        """
        if not self.ends_within(PATIENCE):
            wait = pathlib.Path(f"/proc/{self.process.pid}/wchan").read_text()
            seconds = self._processor_seconds()
            kind = "hang" if seconds < MOST_PROCESSOR_SECONDS else "spin"
            raise Finding(kind, f"in {wait}, {seconds:.2f} s of processor time; {self.errors!r}")
        seconds = self._processor_seconds()
        self.status = self.process.wait()
        self._await_descendants()
        self._judge(seconds)

    def _processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")

    def _judge(self, seconds):
        if seconds > MOST_PROCESSOR_SECONDS:
            raise Finding("spin", f"{seconds:.2f} s of processor time")
        is_broken_pipe = self.status == -signal.SIGPIPE and self.fault and self.fault.error == "EPIPE"
        if self._may_be_ending and self.status == -signal.SIGTERM:
            return
        if self.has_command and self.status - 128 in STOPPING:
            return
        if (self.status < 0 or self.status > 128) and not is_broken_pipe:
            raise Finding("crash", f"status {self.status}; {self.errors!r}")
        if self.status >= 0 and self.status not in DOCUMENTED:
            raise Finding("undocumented status", f"{self.status}; {self.errors!r}")
        if self.status > 0 and not self.errors:
            raise Finding("no message", f"status {self.status}")

    def _await_descendants(self):
        """The report ends when no process is left."""
        end = time.monotonic() + 3
        while not self._read_report():
            left = end - time.monotonic()
            if left < 0:
                raise Finding("process left", ", ".join(self._living()))
            select.select([self._report], [], [], left)
        for before, call, count in re.findall(r"^(before )?(\w+) (\d+)$", self._reported.decode(), re.MULTILINE):
            (self.counts_at_start if before else self.counts)[call] = int(count)

    def _read_report(self):
        """Reads what has been reported; whether the report is complete."""
        try:
            while piece := os.read(self._report, 4096):
                self._reported += piece
            return True
        except BlockingIOError:
            return False

    def _living(self):
        """The processes of this run."""
        mark = f"{MARK}={self._mark}".encode()
        result = {}
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    result[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ").strip()
            except OSError:
                pass
        self._left = list(result)
        return [f"{number} {command}" for number, command in result.items()]

    def release(self):
        """Ends what is left of it."""
        if self.status is None or not self._read_report():
            self._living()
            for number in self._left:
                try:
                    os.kill(number, signal.SIGKILL)
                except OSError:
                    pass
            self.process.kill()
            self.process.wait()
        os.close(self._handle)
        os.close(self._report)
        self._errors.close()
