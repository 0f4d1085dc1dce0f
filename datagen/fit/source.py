"""A source to fit to: its columns under the names they are to have, and how often its rows were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from datagen.fit.sample import Tables
from datagen.schemas import InputError


def renamed(
    tables: Tables, names: Sequence[str], mapping: Mapping[str, str], most_rows: int | None = None
) -> Tables:
    """The tables with columns under other names (to "": left out), and only the first ``most_rows`` rows.

    Raises InputError for a column that the source does not have, and for one name for two columns.
    """
    for theirs in mapping:
        if theirs not in names:
            raise InputError(f"The source has no column {theirs!r} to map; it has {', '.join(names[:20])}.")
    ours = {name: mapping.get(name, name) for name in names}
    given = [each for each in ours.values() if each]
    twice = next((each for each in given if given.count(each) > 1), None)
    if twice is not None:
        raise InputError(f"Two columns of the source would be called {twice!r}; change --map.")
    theirs_of = {each: name for name, each in ours.items() if each}

    def read(wanted: Sequence[str] | None) -> Iterator[pa.Table]:
        columns = list(theirs_of) if wanted is None else list(wanted)
        left = most_rows
        for table in tables([theirs_of[each] for each in columns]):
            if left is not None:
                table = table.slice(0, left)
                left -= len(table)
            yield table.rename_columns(columns)
            if left is not None and left <= 0:
                return

    return read
