# SPDX-License-Identifier: GPL-3.0-or-later
"""Which system calls fail, and with what: the errors that their manual pages list and that can occur to a right call."""

import dataclasses
import errno


@dataclasses.dataclass(frozen=True)
class Fault:
    """The call of a kind, by its number from 1 on, that fails, and with what."""

    call: str
    error: str
    number: int

    def __str__(self):
        return f"{self.call} {self.error} {self.number}"

    @property
    def code(self):
        return getattr(errno, self.error)

    @property
    def has_to_be_survived(self):
        """Whether the job has to be done in spite of it, because the call only has to be made again."""
        return self.error == "EINTR" or (self.error == "EAGAIN" and self.call in REPEATED)


# Of these calls EAGAIN says that there is nothing to move yet; of others that a resource is lacking.
REPEATED = frozenset(
    "accept4 read readv recvfrom recvmmsg recvmsg sendfile sendmmsg sendmsg sendto splice tee write writev".split())
# Without these a program cannot go on. A server may end if one fails, with a message.
WAITS = frozenset("epoll_pwait epoll_wait poll ppoll".split())

_CONNECTION = "ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOBUFS ENOMEM"
_DESCRIPTORS = "EMFILE ENFILE ENOMEM"
_FILES = "EACCES ELOOP ENOENT ENOMEM ENOTDIR"
_SENDING = f"EAGAIN EINTR ECONNREFUSED EMSGSIZE EPERM EACCES ENETDOWN {_CONNECTION}"
_RECEIVING = "EAGAIN EINTR ECONNREFUSED ECONNRESET ETIMEDOUT EHOSTUNREACH ENOMEM"

ERRORS = {
    call: tuple(dict.fromkeys(errors.split()))
    for call, errors in {
        "accept4": f"EAGAIN EINTR ECONNABORTED ENOBUFS EPERM EPROTO ENETDOWN EHOSTUNREACH {_DESCRIPTORS}",
        "bind": "EACCES EADDRINUSE EADDRNOTAVAIL EINVAL ENOMEM",
        "brk": "ENOMEM",
        "chdir": _FILES,
        "clone": "EAGAIN ENOMEM EPERM",
        "clone3": "EAGAIN ENOMEM ENOSYS",
        "close": "EINTR EIO ENOSPC EDQUOT",
        "close_range": "EMFILE ENOMEM ENOSYS",
        "connect": "EACCES EPERM EADDRINUSE EADDRNOTAVAIL EAGAIN ECONNREFUSED EINTR ENETUNREACH EHOSTUNREACH ETIMEDOUT",
        "dup": "EMFILE",
        "dup2": "EBUSY EINTR EMFILE",
        "dup3": "EBUSY EINTR EMFILE",
        "epoll_create1": _DESCRIPTORS,
        "epoll_ctl": "ENOMEM ENOSPC",
        "epoll_pwait": "EINTR",
        "epoll_wait": "EINTR",
        "eventfd2": f"{_DESCRIPTORS} ENODEV",
        "execve": "EACCES E2BIG EAGAIN EIO ELIBBAD ENFILE ENOENT ENOEXEC ENOMEM EPERM ETXTBSY",
        "fchmod": "EIO EPERM EROFS",
        "fcntl": "EMFILE EPERM",
        "fdatasync": "EIO ENOSPC EDQUOT",
        "fork": "EAGAIN ENOMEM",
        "fstat": "ENOMEM",
        "fsync": "EIO ENOSPC EDQUOT",
        "ftruncate": "EINTR EIO EPERM",
        "getdents64": "ENOENT EIO",
        "getpeername": "ENOTCONN",
        "getrandom": "EINTR",
        "getsockopt": "ENOPROTOOPT ENOMEM",
        "ioctl": "ENOTTY EINVAL",
        "landlock_add_rule": "EOPNOTSUPP ENOMEM EINVAL",
        "landlock_create_ruleset": "ENOSYS EOPNOTSUPP EMFILE EINVAL",
        "landlock_restrict_self": "EOPNOTSUPP EPERM E2BIG EINVAL",
        "linkat": "EACCES EEXIST EIO EMLINK ENOENT ENOSPC EPERM EROFS EXDEV",
        "listen": "EADDRINUSE EOPNOTSUPP",
        "lseek": "ESPIPE",
        "madvise": "EAGAIN ENOMEM EINVAL",
        "mmap": "EAGAIN ENFILE ENOMEM",
        "mprotect": "ENOMEM",
        "newfstatat": _FILES,
        "openat": f"EIO ENODEV ENXIO EOVERFLOW EPERM {_DESCRIPTORS} {_FILES}",
        "openat2": f"EAGAIN EIO EXDEV {_DESCRIPTORS} {_FILES}",
        "pidfd_open": f"ENOSYS {_DESCRIPTORS}",
        "pipe2": f"{_DESCRIPTORS}",
        "poll": "EINTR ENOMEM",
        "ppoll": "EINTR ENOMEM",
        "prctl": "EINVAL EPERM EACCES",
        "pread64": "EINTR EIO",
        "prlimit64": "EPERM EINVAL",
        "pwrite64": "EINTR EIO ENOSPC EDQUOT EFBIG",
        "read": "EAGAIN EINTR EIO ECONNRESET ETIMEDOUT ENOMEM",
        "readlink": f"EIO {_FILES}",
        "readlinkat": f"EIO {_FILES}",
        "readv": "EAGAIN EINTR EIO ECONNRESET ETIMEDOUT ENOMEM",
        "recvfrom": _RECEIVING,
        "recvmmsg": _RECEIVING,
        "recvmsg": _RECEIVING,
        "rename": f"EIO ENOSPC EPERM EROFS {_FILES}",
        "renameat2": f"EEXIST EINVAL EIO ENOSPC EPERM EROFS {_FILES}",
        "seccomp": "EINVAL EACCES ENOMEM ENOSYS",
        "sendfile": f"EAGAIN EINTR EINVAL EIO EOVERFLOW {_CONNECTION}",
        "sendmmsg": _SENDING,
        "sendmsg": _SENDING,
        "sendto": _SENDING,
        "setpgid": "EACCES EPERM",
        "setsockopt": "ENOPROTOOPT EPERM EINVAL ENOMEM ENOBUFS",
        "shutdown": "ENOTCONN",
        "signalfd4": f"{_DESCRIPTORS} ENODEV",
        "socket": f"EACCES EAFNOSUPPORT EPROTONOSUPPORT ENOBUFS {_DESCRIPTORS}",
        "socketpair": f"EAFNOSUPPORT EOPNOTSUPP {_DESCRIPTORS}",
        "splice": f"EAGAIN EINTR EINVAL {_CONNECTION}",
        "statx": _FILES,
        "tee": "EAGAIN EINVAL ENOMEM",
        "timerfd_create": f"{_DESCRIPTORS} ENODEV",
        "timerfd_settime": "ECANCELED",
        "unlink": f"EBUSY EIO EPERM EROFS {_FILES}",
        "unlinkat": f"EBUSY EIO EPERM EROFS {_FILES}",
        "utimensat": f"EPERM EROFS {_FILES}",
        "vfork": "EAGAIN ENOMEM",
        "waitid": "EINTR",
        "wait4": "EINTR",
        "write": f"EAGAIN EINTR EIO ENOSPC EDQUOT EFBIG {_CONNECTION}",
        "writev": f"EAGAIN EINTR EIO ENOSPC EDQUOT EFBIG {_CONNECTION}",
    }.items()
}
