"""The data of a study: both sets opened, the test rows fixed, the rows that can be used.

Rows whose picture cannot be read, or whose answer is empty, are left out, and synthetic rows with the title
of a test row, which would give it away. The test part is the same for every cell: whole title families of
the real set, fixed by the seed, or the set's own test split.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from httpx2 import HTTPError
from huggingface_hub import hf_hub_download

from datagen.schemas import InputError
from datagen.schemas.files import read_file
from datagen.schemas.folder import MANIFEST, MOST_MANIFEST_BYTES, Manifest
from datagen.schemas.keyed import I64
from datagen.schemas.progress import StageProgress
from datagen.train.chat.conversation import Fields, Template
from datagen.train.config import DataConfig
from datagen.train.data.pictures import check_picture
from datagen.train.data.sources import Source, fields_of, open_source
from datagen.train.data.splits import leaks, split_as_given


@dataclass(frozen=True)
class Side:
    """A set with the answers of its rows.

    ``fields``: one entry per row of the source. ``usable``: int64, the rows with a readable picture and an
    answer. ``made``: whether it is a set that datagen made.
    """

    source: Source
    fields: list[Fields]
    usable: I64
    made: bool


@dataclass(frozen=True)
class StudyData:
    """``pool``: int64, the real rows to train on. ``test``: int64, those to test on. ``title_family``: int64,
    of every real row. ``synthetic_rows``: int64, the synthetic rows to train on. ``left_out``: synthetic rows
    with a title of a test row.
    """

    real: Side
    synthetic: Side
    template: Template
    pool: I64
    test: I64
    title_family: I64
    synthetic_rows: I64
    left_out: int

    @property
    def unusable(self) -> tuple[int, int]:
        """Real and synthetic rows left out because of their picture or answer."""
        real, synthetic = (len(side.fields) - len(side.usable) for side in (self.real, self.synthetic))
        return real, synthetic

    @property
    def key(self) -> dict[str, str]:
        """What distinguishes these data from others: part of every cell's digest."""
        rows = hashlib.sha256(self.test.tobytes() + b"\0" + self.pool.tobytes())
        return {
            "real": self.real.source.digest,
            "synthetic": self.synthetic.source.digest,
            "rows": rows.hexdigest(),
            "template": json.dumps(self.template.model_dump(), sort_keys=True),
        }

    def described(self) -> dict[str, Any]:
        """Names and counts, for the results."""
        families = np.unique(self.title_family[self.test])
        return {
            "real": _short(self.real.source.name),
            "synthetic": _short(self.synthetic.source.name),
            "made_against_made": self.real.made,
            "test_rows": len(self.test),
            "test_families": len(families),
            "pool": len(self.pool),
            "synthetic_rows": len(self.synthetic_rows),
            "left_out": self.left_out,
            "unusable": list(self.unusable),
            "categories_not_synthetic": self.unknown_categories(),
        }

    def unknown_categories(self) -> list[int]:
        """Of the test rows, how many have a category that no synthetic row has; and how many rows that is of.

        Empty without a category.
        """
        field = self.template.category
        if field is None:
            return []
        known = {self.synthetic.fields[row][field] for row in self.synthetic_rows.tolist()}
        unknown = sum(self.real.fields[row][field] not in known for row in self.test.tolist())
        return [unknown, len(self.test)]


def _short(name: str) -> str:
    """A set's name without the commit on the Hub, which the command of a study has."""
    return re.sub(r"@[0-9a-f]{40}$", "", name)


def open_study(
    config: DataConfig,
    test_share: float,
    progress: StageProgress,
    usable: tuple[I64, I64] | None = None,
) -> StudyData:
    """Open both sets and fix the test part. Raises InputError for sets that cannot be studied, RunFailed.

    ``usable``: the rows of both that can be used, if that is known.
    """
    if config.real is None or config.synthetic is None:
        raise InputError("A study compares two sets; give --real and --synthetic.")
    template = config.template
    known = usable or (None, None)
    real = _side(config, "real", template, None, known[0], progress)
    synthetic = _side(config, "synthetic", template, "train", known[1], progress)
    shares = {"train": 1 - test_share, "test": test_share}
    titles = real.source.titles()
    parts = split_as_given(titles, real.source.splits, config.seed, shares)
    pool, test = (np.intersect1d(parts.rows(name), real.usable) for name in ("train", "test"))
    for name, rows in (("training", pool), ("test", test)):
        if not len(rows):
            raise InputError(f"No {name} row of {config.real} has a readable picture and an answer.")
    if len(np.unique(parts.title_family[test])) < 2:
        raise InputError(
            f"The test rows of {config.real} are of one title family, so nothing can be said about other "
            "products; give more rows, or a larger --test-share."
        )
    leaking = leaks(synthetic.source.titles(), [titles[row] for row in test.tolist()])
    drawn = np.setdiff1d(synthetic.usable, leaking)
    if not len(drawn):
        raise InputError(
            f"No row of {config.synthetic} can be used: each has the title of a test row, no readable "
            "picture, or no answer; give another synthetic set."
        )
    found = StudyData(real, synthetic, template, pool, test, parts.title_family, drawn, len(leaking))
    unknown = found.unknown_categories()
    if unknown and unknown[0] == unknown[1]:
        raise InputError(
            f"No category of {config.synthetic} is one of {config.real}'s test rows; give both sets the same "
            "names of categories, or choose the columns with --set data.synthetic_columns."
        )
    return found


def _side(
    config: DataConfig,
    which: Literal["real", "synthetic"],
    template: Template,
    split: str | None,
    usable: I64 | None,
    progress: StageProgress,
) -> Side:
    name = config.real if which == "real" else config.synthetic
    columns = config.real_columns if which == "real" else config.synthetic_columns
    source = open_source(str(name), template, split=split, columns=columns, stream=config.stream)
    fields = fields_of(source, np.arange(len(source), dtype=np.int64), template)
    if usable is None:
        readable = _readable(source, template, progress)
        kept = [row for row in readable if not template.is_empty(fields[row], source.missing)]
        usable = np.array(kept, dtype=np.int64)
    return Side(source, fields, usable, _is_made(source))


def _readable(source: Source, template: Template, progress: StageProgress) -> Iterator[int]:
    """The rows whose picture can be read."""
    stage = f"Checking the pictures of {source.name}"
    for row in range(len(source)):
        try:
            check_picture(source.row(row)[template.image])
        except InputError:
            continue
        finally:
            progress(stage, row + 1, len(source))
        yield row


def _is_made(source: Source) -> bool:
    """Whether datagen made a set, by the manifest beside it: a study on it is no study on real rows."""
    repo, _, commit = source.digest.partition("@")
    try:
        file = Path(hf_hub_download(repo, MANIFEST, repo_type="dataset", revision=commit)) if commit else None
        content = read_file(file or Path(source.name) / MANIFEST, MOST_MANIFEST_BYTES)
        return Manifest.model_validate_json(content).recipe is not None
    except (OSError, HTTPError, InputError, ValueError, RecursionError):  # no manifest, or not a sound one
        return False
