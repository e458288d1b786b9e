"""The lock on an open file or folder, which the system lets go of whenever the process that holds it ends."""

from __future__ import annotations

import errno
import fcntl
import time

_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}


def taken(descriptor: int, *, without_locks: bool = True) -> bool:
    """Whether the lock is ours now; ``without_locks`` is the answer of a file system that knows none."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return without_locks
    return True


def waited_for(descriptor: int, *, seconds: float) -> bool:
    """Whether the lock was ours within ``seconds``."""
    until = time.monotonic() + seconds
    while not taken(descriptor):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
