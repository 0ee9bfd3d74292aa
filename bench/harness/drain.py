# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads into one block of memory until the end: a consumer that costs next to nothing."""

import os

block = [bytearray(1 << 20)]
while os.readv(0, block):
    pass
