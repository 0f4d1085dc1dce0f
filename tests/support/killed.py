"""Work in a forked process that is killed at a certain moment."""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir"}
"""The audit events of calls that change a folder; each comes just before its change."""


def killed_at(moment: Callable[[str, tuple[Any, ...]], bool], work: Callable[[], object]) -> bool:
    """Do ``work`` in a forked process, killed at the first audit event for which ``moment`` is true.

    The signal is SIGKILL. Returns whether it was killed. Fails where the work does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # on forking a process that has threads
        pid = os.fork()
    if pid == 0:

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in CHANGES and moment(event, arguments):
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(hook)
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) in {0, -signal.SIGKILL}
    return os.WIFSIGNALED(status)
