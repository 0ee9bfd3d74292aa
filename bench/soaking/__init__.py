# SPDX-License-Identifier: GPL-3.0-or-later
"""All servers at once for minutes to hours, under clients of every kind."""
