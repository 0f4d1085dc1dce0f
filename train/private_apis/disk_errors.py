"""Errors of a full disk, as the libraries that write weights and tables report them.

safetensors and torch raise errors of their own, without a number, that only their wording tells apart
(safetensors 0.8, torch 2.13). The numbers are those of Linux and macOS.
"""

from __future__ import annotations

import errno
import re

NUMBERS = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
"""No space left on the device, a file larger than is allowed, a quota used up."""
WORDING = re.compile(
    rf"os error ({'|'.join(str(number) for number in sorted(NUMBERS))})\b|[Nn]o space left on device|"
    "[Ff]ile too large|[Dd]isk quota exceeded|PytorchStreamWriter failed writing|inline_container"
)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, or one before it in its chain, says that there was no space to write a file."""
    cause: BaseException | None = error
    for _ in range(10):
        if cause is None:
            return False
        if isinstance(cause, OSError) and cause.errno is not None:
            if cause.errno in NUMBERS:
                return True
        elif isinstance(cause, Exception) and WORDING.search(str(cause)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
