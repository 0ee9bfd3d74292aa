# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers and their children hold, read from /proc."""

import collections
import dataclasses
import os
import pathlib

PAGE_KIB = os.sysconf("SC_PAGE_SIZE") >> 10


@dataclasses.dataclass(frozen=True)
class Sample:
    """A server together with all its descendants, whatever their process groups are."""

    # Resident memory that is not that of files: a page that a child shares with its parent counts for both.
    kibibytes: int
    descriptors: int
    processes: int


def sample(servers):
    """A sample of each server, by its name."""
    children = collections.defaultdict(list)
    for process, parent in read_parents().items():
        children[parent].append(process)
    return {server.name: sample_tree(server.process.pid, children) for server in servers}


def read_parents():
    """The parent of each process."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                words = pathlib.Path(f"/proc/{entry}/stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            parents[int(entry)] = int(words[1])
    return parents


def sample_tree(root, children):
    total, rest = [0, 0, 0], [root]
    while rest:
        process = rest.pop()
        rest += children[process]
        try:
            words = pathlib.Path(f"/proc/{process}/statm").read_bytes().split()
            # The kernel tells the number of descriptors as the size; before Linux 6.2 it is 0.
            descriptors = os.stat(f"/proc/{process}/fd").st_size or len(os.listdir(f"/proc/{process}/fd"))
        except OSError:
            # It has ended meanwhile.
            continue
        total[0] += (int(words[1]) - int(words[2])) * PAGE_KIB
        total[1] += descriptors
        total[2] += 1
    return Sample(*total)
