"""What the Hub answers: a reply, or a refusal with a status, a sentence and a code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BLOCK = 1 << 20


class Refusal(Exception):
    """An error: a status, a sentence, and the X-Error-Code that the official client looks at."""

    def __init__(
        self, status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers or {}

    def reply(self) -> Reply:
        """Return the error as an answer."""
        headers = {"X-Error-Message": " ".join(self.message.split()), **self.headers}
        if self.code:
            headers["X-Error-Code"] = self.code
        return Reply(self.status, {"error": self.message}, headers)


@dataclass
class Reply:
    """An answer. `body` is JSON when a dict or a list; of a file, bytes `start` to `stop` are sent.

    A `stream` has no length: it is sent as it comes, and the connection is closed after it.
    """

    status: int = 200
    body: bytes | str | dict[str, Any] | list[Any] | Path | None = None
    headers: dict[str, str] = field(default_factory=dict)
    start: int = 0
    stop: int | None = None
    stream: Iterator[bytes] | None = None

    def chunks(self) -> tuple[int, Iterator[bytes]]:
        """Return the length of the body and its bytes."""
        if isinstance(self.body, Path):
            stop = self.body.stat().st_size if self.stop is None else self.stop
            return stop - self.start, _read_file(self.body, self.start, stop)
        if isinstance(self.body, (dict, list)):
            self.headers.setdefault("Content-Type", "application/json; charset=utf-8")
            data = json.dumps(self.body).encode()
        else:
            data = self.body.encode() if isinstance(self.body, str) else self.body or b""
            data = data[self.start : self.stop]
        return len(data), iter([data] if data else [])


def _read_file(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < stop and (chunk := file.read(min(BLOCK, stop - start))):
            start += len(chunk)
            yield chunk
