"""A function in a forked process of its own, with a deadline.

Whatever it breaks, or keeps on the GPU, ends with it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

FRAMES = 6
"""Lines of a traceback that are kept."""


def isolated(seconds: float, work: Callable[..., Mapping[str, Any]], *arguments: Any) -> dict[str, Any]:
    """What ``work(*arguments)`` returns; if it raised, died or took longer than ``seconds``, its ``error``.

    The caller must not have touched the GPU: CUDA does not survive a fork. The child leads a process group,
    which is killed at the end, workers included.
    """
    handle, name = tempfile.mkstemp()
    os.close(handle)
    found = Path(name)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.setsid()
        _child(lambda: work(*arguments), found)
    try:
        status = _wait(child, time.monotonic() + seconds)
        if status is None:
            return {"error": f"took longer than {seconds:.0f} s"}
        text = found.read_text()
        return json.loads(text) if text else {"error": f"died with status {status}"}
    finally:
        found.unlink()


def _child(work: Callable[[], Mapping[str, Any]], found: Path) -> None:
    try:
        found.write_text(json.dumps(dict(work()), default=str))
    except BaseException as error:
        where = traceback.format_exc().splitlines()[-2 * FRAMES :]
        found.write_text(json.dumps({"error": f"{type(error).__name__}: {error}"[:600], "where": where}))
    finally:
        sys.stdout.flush()
        os._exit(0)


def _wait(child: int, end: float) -> int | None:
    """The child's exit status, or None if it had to be killed."""
    status = None
    try:
        while time.monotonic() < end:
            done, raw = os.waitpid(child, os.WNOHANG)
            if done:
                status = os.waitstatus_to_exitcode(raw)
                return status
            time.sleep(0.05)
        return None
    finally:
        with suppress(ProcessLookupError):  # it and all its workers have ended
            os.killpg(child, signal.SIGKILL)
        if status is None:
            with suppress(ChildProcessError):
                os.waitpid(child, 0)
