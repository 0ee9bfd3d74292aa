# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs jobs of sockkit of which one system call fails, and judges what came of them."""
