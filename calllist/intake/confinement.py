"""What the intake process may not do: dump core, be looked into, outlive its parent.

Linux only, through prctl(2) and setrlimit(2).
"""

import ctypes
import logging
import os
import resource
import signal
import sys
from types import TracebackType

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_DUMPABLE = 4  # linux/prctl.h


def confine(parent: int) -> None:
    """Confine this process; `parent` is the process that started it.

    Ends the process if the parent is gone already: its death could not be noticed any more.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((PR_SET_PDEATHSIG, signal.SIGKILL), (PR_SET_DUMPABLE, 0)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    logging.disable(logging.CRITICAL)
    sys.excepthook = _silent


def _silent(kind: type[BaseException], _error: BaseException, _trace: TracebackType | None) -> None:
    """A traceback could quote a cell: the type is all that is said."""
    sys.stderr.write(f"{kind.__name__}\n")
