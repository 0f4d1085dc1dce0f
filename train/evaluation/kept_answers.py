"""Answers kept on disk as they come, so that an evaluation that was killed goes on where it stopped.

    RUN/evaluation/.NAME.answers.jsonl    first what the answers are of, then a line for each

A line that was cut off by a kill is ignored. Answers of other weights, rows or options are thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from datagen.schemas import RunFailed

MOST_BYTES = 2_000_000_000


def answers_file(run: Path, name: str) -> Path:
    """Where the answers of an evaluation are kept until it is written."""
    return run / "evaluation" / f".{name}.answers.jsonl"


class KeptAnswers:
    """A context that holds the answers in ``path``; ``of``: what must be equal to use them again.

    ``answers``: number of a row -> its answer, None if its picture cannot be read.
    """

    def __init__(self, path: Path, of: Mapping[str, Any]) -> None:
        self.answers: dict[int, str | None] = {}
        self._path, self._of = path, dict(of)
        self._file: TextIO

    def __enter__(self) -> KeptAnswers:
        self.answers = _read(self._path, self._of)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a" if self.answers else "w", encoding="utf-8")
            if self.answers:
                self._file.write("\n")  # after a line that was cut off
            else:
                self._write(self._of)
        except OSError as error:
            raise self._failed(error) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, number: int, answer: str | None) -> None:
        """Keep an answer. Raises RunFailed for a full disk."""
        self.answers[number] = answer
        try:
            self._write({"row": number, "answer": answer})
        except OSError as error:
            raise self._failed(error) from None

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def _failed(self, error: OSError) -> RunFailed:
        return RunFailed(f"{self._path} cannot be written ({error.strerror or error}).")


def _read(path: Path, of: dict[str, Any]) -> dict[int, str | None]:
    """The answers in a file, none if it is missing or of something else."""
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    read = [_parsed(line) for line in lines]
    if not read or read[0] != of:
        return {}
    return {
        line["row"]: line["answer"]
        for line in read[1:]
        if isinstance(line.get("row"), int) and isinstance(line.get("answer", 0), (str, type(None)))
    }


def _parsed(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
