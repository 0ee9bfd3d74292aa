# SPDX-License-Identifier: GPL-3.0-or-later
"""What every section of the benchmark needs: tools, processes, ports, a payload, figures and their report."""
