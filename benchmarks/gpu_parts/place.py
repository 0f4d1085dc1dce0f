"""Where a run of the benchmark works, what it trains, and how it records what it finds."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from datagen.train.chat.conversation import Template
from datagen.train.config import RunConfig, load_config
from datagen.train.data.sources import fields_of, open_source

ROWS, TINY_ROWS = 1000, 64
TEXTS = 400
"""Answers from which the tokenizer is learned."""
LEARNED_ROWS = 32


@dataclass(frozen=True)
class Place:
    """``folder``: for everything that is made; ``results``: the file of findings."""

    folder: Path
    results: Path
    tiny: bool
    given_base: str | None
    began: float = field(default_factory=time.monotonic)

    @property
    def rows(self) -> Path:
        """The made dataset."""
        return self.folder / "rows"

    @property
    def base(self) -> str:
        """The base of full size."""
        return self.given_base or str(self.folder / "base")

    @property
    def small_base(self) -> str:
        """A base of about 130 million weights that learns in a minute on a GPU."""
        return str(self.folder / "small")

    def record(self, part: str, name: str, **values: Any) -> None:
        """Write a finding to the file, and print it."""
        at = round(time.monotonic() - self.began, 1)
        line = {"part": part, "name": name, "at": at, **({"tiny": True} if self.tiny else {}), **values}
        self.results.parent.mkdir(parents=True, exist_ok=True)
        with self.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(_rounded(line), default=str) + "\n")
        said = ", ".join(f"{key} {value}" for key, value in _rounded(values).items() if key != "where")
        print(f"{at:6.1f} s  {part}: {name}: {said}"[:600], flush=True)

    def config(self, recipe: Path | None = None, **flags: Any) -> RunConfig:
        """The configuration of a run on the made rows; ``flags`` have ``__`` for the dot of a section."""
        given: dict[str, Any] = {
            "data.synthetic": str(self.rows),
            "model.base": self.base,
            "tracking.tracker": "none",
        }
        given |= {name.replace("__", "."): value for name, value in flags.items()}
        if "data.real" in given:
            del given["data.synthetic"]
        return load_config(recipe, given)

    def make_rows(self) -> None:
        """Make the dataset, as a user would."""
        size = ["--image-size", "64x96", "--workers", "1"] if self.tiny else []
        count = TINY_ROWS if self.tiny else ROWS
        command = [sys.executable, "-m", "datagen", "make", "--rows", str(count), "--seed", "7"]
        subprocess.run([*command, *size, "--out", str(self.rows), "--quiet"], check=True)

    def texts(self) -> list[str]:
        """The right answers to the first rows."""
        template = Template()
        source = open_source(str(self.rows), template)
        rows = np.arange(min(TEXTS, len(source)))
        return [template.text(known) for known in fields_of(source, rows, template)]


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    """The same with four significant digits."""

    def plain(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.4g}")
        if isinstance(value, dict):
            return _rounded(value)
        return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value

    return {key: plain(value) for key, value in values.items()}
