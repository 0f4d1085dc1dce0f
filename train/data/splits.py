"""Which rows train, validate and test: whole title families, fixed by the seed, stored with the run.

A family (``schemas/title_families.py``) is in one part only, so no test title is ever trained on. The parts
depend on the titles and the seed, not on the order of the rows. Other rows give other parts, so runs that
are to be compared must share the split of the first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import whole_file
from datagen.schemas.keyed import I64, place
from datagen.schemas.title_families import KnownTitleFamilies, title_family_keys

PARTS = ("train", "validation", "test")
SHARES: Mapping[str, float] = {"train": 0.8, "validation": 0.1, "test": 0.1}


@dataclass(frozen=True)
class Split:
    """The rows of each part.

    ``part``: int64 (rows,), the index in ``PARTS`` of each row; -1 for a row that is in none.
    ``title_family``: int64 (rows,), its title family. ``turn``: int64 (rows,), its position in the order in
    which runs on few rows take rows.
    """

    part: I64
    title_family: I64
    turn: I64

    def rows(self, part: str) -> I64:
        """The row numbers (int64, ascending) of ``train``, ``validation`` or ``test``."""
        return np.flatnonzero(self.part == PARTS.index(part)).astype(np.int64)

    def first_rows(self, count: int) -> I64:
        """``count`` training rows (ascending), title family by title family; the first 50 are among the
        first 100.

        Raises InputError if the training part has fewer.
        """
        rows = self.rows("train")
        if not 1 <= count <= len(rows):
            raise InputError(
                f"--real-rows {count:,} must be between 1 and the {len(rows):,} rows of the training part."
            )
        return np.sort(rows[np.argsort(self.turn[rows], kind="stable")[:count]])


def split(titles: Sequence[str | None], seed: int, shares: Mapping[str, float] = SHARES) -> Split:
    """Split rows by title family, each part as close to its share of the rows as the families allow.

    Families are taken in an order fixed by ``seed``, and each goes to the part that is furthest behind, so a
    part misses its share by less than the size of a large family. Raises InputError for shares that do not
    add up to 1, and if there are too few families to give every part with a share at least one.
    """
    wanted = np.array([_share(shares, part) for part in PARTS])
    unknown = sorted(set(shares) - set(PARTS))
    if unknown:
        raise InputError(f"A split has no part {unknown[0]!r}; its parts are {', '.join(PARTS)}.")
    if not abs(wanted.sum() - 1) < 1e-6 or wanted[0] == 0:
        raise InputError(
            f"The shares {_listed(wanted)} must be 0 or more, add up to 1, and leave something to train on."
        )
    keys, family = _families(titles)
    sizes = np.bincount(family, minlength=len(keys))
    order = sorted(range(len(keys)), key=lambda at: place(seed, "split", keys[at]))
    part_of = np.zeros(len(keys), dtype=np.int64)
    filled = np.zeros(len(PARTS))
    for at in order:
        behind = wanted * (filled.sum() + sizes[at]) - filled
        best = int(np.argmax(np.where(wanted > 0, behind, -np.inf)))
        part_of[at] = best
        filled[best] += sizes[at]
    if np.any(filled[wanted > 0] == 0):
        raise InputError(
            f"{len(titles):,} rows in {len(keys):,} title families cannot be split {_listed(wanted)}; "
            "give more rows or other shares."
        )
    return Split(part=part_of[family], title_family=family, turn=_turns(keys, family, seed))


def split_as_given(
    titles: Sequence[str | None], given: Mapping[str, int], seed: int, shares: Mapping[str, float] = SHARES
) -> Split:
    """The split of a dataset that has splits: its validation and test rows are those of the same names.

    ``given``: the number of rows of train and of others of ``PARTS``, in the order of the rows. A part that
    is not given is split off the rows of train, as by :func:`split`. A row of another part with a title of
    the test part, or a row of train with one of the validation part, is in no part, since it would give an
    answer away. Raises InputError as :func:`split` does.
    """
    if set(given) == {"train"}:
        return split(titles, seed, shares)
    part = np.repeat([PARTS.index(name) for name in given], list(given.values())).astype(np.int64)
    keys, family = _families(titles)
    own = {name: share for name, share in shares.items() if name == "train" or name not in given}
    train = np.flatnonzero(part == PARTS.index("train"))
    if any(share for name, share in own.items() if name != "train"):
        own = {name: share / sum(own.values()) for name, share in own.items()}
        part[train] = split([titles[row] for row in train.tolist()], seed, own).part
    given_away = np.zeros(len(keys), dtype=bool)
    for name in reversed(PARTS):
        rows = np.flatnonzero(part == PARTS.index(name))
        part[rows[given_away[family[rows]]]] = -1
        given_away[family[rows]] = True
    if not np.any(part == PARTS.index("train")):
        raise InputError("Every training row has a title of a validation or test row; give other splits.")
    return Split(part=part, title_family=family, turn=_turns(keys, family, seed))


def _families(titles: Sequence[str | None]) -> tuple[list[str], I64]:
    """The keys of all title families, sorted, and the position among them of each row's."""
    of_rows = title_family_keys(titles)
    keys = sorted(set(of_rows))
    number = {key: at for at, key in enumerate(keys)}
    return keys, np.array([number[key] for key in of_rows], dtype=np.int64)


def _turns(keys: Sequence[str], family: I64, seed: int) -> I64:
    turns = sorted(range(len(keys)), key=lambda at: place(seed, "few rows", keys[at]))
    rank = np.empty(len(keys), dtype=np.int64)
    rank[turns] = np.arange(len(keys))
    turn = np.empty(len(family), dtype=np.int64)
    turn[np.argsort(rank[family], kind="stable")] = np.arange(len(family))
    return turn


def leaks(titles: Sequence[str | None], held_out: Sequence[str | None]) -> I64:
    """The positions (int64, ascending) of the ``titles`` that are in a title family of ``held_out``.

    A synthetic row with the title of a test row would teach that title, so leave these rows out of training.
    """
    known = KnownTitleFamilies(held_out)
    leaking = {title for title in set(titles) if known.contains(title)}
    return np.array([at for at, title in enumerate(titles) if title in leaking], dtype=np.int64)


def save_split(found: Split, path: Path, *, seed: int, shares: Mapping[str, float], digest: str) -> None:
    """Write a split as Parquet (columns part, family, turn, in the order of the rows), whole or not at all.

    The dataset's ``digest``, the seed and the shares are stored in the file's metadata.
    """
    about = {"seed": seed, "shares": dict(shares), "digest": digest}
    table = pa.table(
        {
            "part": pa.DictionaryArray.from_arrays(
                pa.array(found.part, pa.int8(), mask=found.part < 0), pa.array(PARTS)
            ),
            "family": pa.array(found.title_family),
            "turn": pa.array(found.turn),
        }
    ).replace_schema_metadata({"split": json.dumps(about, sort_keys=True)})
    try:
        with whole_file(path) as aside:
            pq.write_table(table, aside)
    except OSError as error:
        raise RunFailed(f"{path} cannot be written ({error.strerror or error}).") from None


def load_split(path: Path, *, digest: str) -> Split:
    """The split that :func:`save_split` wrote for the same data.

    Raises InputError if the file is not a split, or belongs to other data than those of ``digest``.
    """
    try:
        table = pq.read_table(path)
        about = json.loads((table.schema.metadata or {}).get(b"split", b"null"))
        part = table.column("part").cast(pa.string()).to_pylist()
        found = Split(
            part=np.array([-1 if name is None else PARTS.index(name) for name in part], dtype=np.int64),
            title_family=table.column("family").to_numpy().astype(np.int64),
            turn=table.column("turn").to_numpy().astype(np.int64),
        )
        digest_of_split = about["digest"]
    except FileNotFoundError:
        raise InputError(f"There is no split {path}; give the folder of a run that has one.") from None
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise InputError(f"{path} is not a split of rows ({str(error).splitlines()[0][:200]}).") from None
    if digest_of_split != digest:
        raise InputError(f"{path} belongs to other data; give the data of that run, or start a new run.")
    return found


def _share(shares: Mapping[str, float], part: str) -> float:
    share = float(shares.get(part, 0.0))
    return share if 0 <= share <= 1 else float("nan")


def _listed(wanted: object) -> str:
    return "/".join(f"{share:g}" for share in np.asarray(wanted))
