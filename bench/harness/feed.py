# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes one block of memory again and again: a producer that costs next to nothing beside the tool it feeds.

Usage: feed.py MIB
"""

import os
import sys

block = os.urandom(1 << 20)
for _ in range(int(sys.argv[1])):
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(1, rest):]
