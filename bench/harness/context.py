# SPDX-License-Identifier: GPL-3.0-or-later
"""What a section is given to work with."""

import dataclasses
import typing

from .payload import Payload
from .tools import Toolbox


@dataclasses.dataclass(frozen=True)
class Context:
    """The tools, the bytes to move, the numbers from the command line, and somebody to tell how far it is."""

    tools: Toolbox
    payload: Payload
    arguments: typing.Any
    progress: typing.Callable[[str], None]
