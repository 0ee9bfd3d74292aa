# SPDX-License-Identifier: GPL-3.0-or-later
"""sendmmsg and recvmmsg, many datagrams a call, which the socket module lacks."""

import ctypes
import os

LIBRARY = ctypes.CDLL(None, use_errno=True)


class Piece(ctypes.Structure):
    """struct iovec."""
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class Header(ctypes.Structure):
    """struct msghdr."""
    _fields_ = [
        ("name", ctypes.c_void_p), ("name_length", ctypes.c_uint), ("pieces", ctypes.POINTER(Piece)),
        ("piece_count", ctypes.c_size_t), ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class Message(ctypes.Structure):
    """struct mmsghdr."""
    _fields_ = [("header", Header), ("length", ctypes.c_uint)]


class Batch:
    """Messages that share one buffer: to send one datagram again and again, or to receive what nobody reads."""

    def __init__(self, buffer, count):
        self._buffer = buffer
        self._piece = Piece(ctypes.addressof(buffer), len(buffer))
        self._messages = (Message * count)()
        for message in self._messages:
            message.header.pieces = ctypes.pointer(self._piece)
            message.header.piece_count = 1
        # The lengths are at equal distances in the array; a loop over the structures would delay a receiver.
        words = memoryview(self._messages).cast("B").cast("I")
        self._lengths = words[Message.length.offset // words.itemsize::ctypes.sizeof(Message) // words.itemsize]

    def send(self, descriptor, count):
        """Sends up to that many.

        Returns how many were sent.
        """
        count = min(count, len(self._messages))
        return checked("sendmmsg", LIBRARY.sendmmsg(descriptor, self._messages, count, 0))

    def receive(self, descriptor, flags):
        """Receives, and returns the lengths of what came, which are the true ones with MSG_TRUNC."""
        count = len(self._messages)
        received = checked("recvmmsg", LIBRARY.recvmmsg(descriptor, self._messages, count, flags, None))
        return self._lengths[:received].tolist()


def checked(call, result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result
