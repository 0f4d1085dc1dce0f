"""An index in memory, and the search in it for the neighbours of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from datagen.schemas import InputError
from datagen.schemas.keyed import I64
from datagen.schemas.progress import StageProgress
from datagen.schemas.title_families import title_families
from datagen.train.chat.conversation import Fields, Template
from datagen.train.data.picture_features import F32
from datagen.train.retrieval.build import picture_digest
from datagen.train.retrieval.search import NONE, nearest_known
from datagen.train.retrieval.store import About, numbers_of, open_table, vectors_of
from datagen.train.retrieval.vectors import PictureVector

SEARCHING = "Finding neighbours"


@dataclass(frozen=True)
class Catalogue:
    """The products of an index without their pictures, in the order of their row numbers.

    ``vectors``: float32 (products, width).
    """

    path: Path
    about: About
    rows: I64
    keys: list[str]
    titles: list[str | None]
    answers: list[dict[str, Any]]
    picture_digests: list[str]
    vectors: F32

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def of_picture(self) -> dict[str, int]:
        """Digest of a picture -> a place among the products."""
        return {digest: at for at, digest in reversed(list(enumerate(self.picture_digests)))}

    def fields(self, template: Template) -> list[Fields]:
        """Every product's answer in the fields of a template. Raises InputError if the index lacks one."""
        names = {one.field for one in self.about.template.answer_fields}
        lacking = [one.field for one in template.answer_fields if one.field not in names]
        if lacking:
            raise InputError(
                f"{self.path} has no field {lacking[0]!r}, which answers consist of; index the catalogue "
                "again with the same run or recipe."
            )
        return [template.fields(answer) for answer in self.answers]

    def queries(
        self,
        pictures: Sequence[Any],
        vector: PictureVector,
        progress: StageProgress = lambda stage, done, total: None,
    ) -> F32:
        """The vectors of pictures: float32 (pictures, width); NaN for one that cannot be read.

        ``vector``: asked for pictures that are not in the index. Raises InputError for a vector of another
        size.
        """
        found = np.full((len(pictures), self.about.width), np.nan, dtype=np.float32)
        for at in range(len(pictures)):
            try:
                picture = pictures[at]
                content = picture["bytes"] if isinstance(picture, dict) else picture
                if content is None:
                    continue
                place = self.of_picture.get(picture_digest(content))
                made = self.vectors[place] if place is not None else vector(picture)
            except InputError:  # an unreadable picture is reported where it is answered
                continue
            if made.shape != (self.about.width,):
                raise InputError(
                    f"{self.path} holds vectors of {self.about.width:,} numbers, and the model makes "
                    f"{len(made):,}; index the catalogue again."
                )
            found[at] = made
            progress(SEARCHING, at + 1, len(pictures))
        return found

    def nearest(
        self,
        queries: F32,
        count: int,
        titles: Sequence[str | None] | None = None,
        withheld: Sequence[str | None] = (),
    ) -> I64:
        """The places of the ``count`` nearest products for each query (int64), NONE where there are fewer.

        ``titles``: of the queries; a product of the title family of a query is never among its neighbours.
        ``withheld``: no product of these titles' families is anybody's neighbour. Raises InputError if there
        are fewer products than ``count``, or all are withheld.
        """
        if count > len(self):
            raise InputError(
                f"--k {count} is more than the {len(self):,} products of {self.path}; give fewer."
            )
        asked = list(titles) if titles is not None else []
        families = title_families([*self.titles, *asked, *withheld])
        own = families[: len(self)]
        mine = families[len(self) : len(self) + len(asked)] if titles is not None else None
        allowed = np.flatnonzero(~np.isin(own, families[len(self) + len(asked) :]))
        if not len(allowed):
            raise InputError(
                f"Every product of {self.path} has the title of a validation or test row, so none can be "
                "shown; index products to learn from as well."
            )
        found = nearest_known(
            self.vectors[allowed],
            queries,
            count,
            own[allowed],
            mine if mine is not None else np.full(len(queries), -1, dtype=np.int64),
        )
        return np.where(found == NONE, NONE, allowed[found]).astype(np.int64)


def load_catalogue(path: Path) -> Catalogue:
    """Everything in an index but its pictures. Raises InputError for one that is damaged or not one."""
    table = open_table(path)
    found = table.columns(["row", "key", "title", "answer", "picture_digest", "vector"])
    vectors = vectors_of(found.column("vector"))
    rows = numbers_of(found.column("row"))
    if not len(vectors):
        raise InputError(f"{path} holds no product; bring it up to date with --update.")
    if not np.isfinite(vectors).all() or len(np.unique(rows)) < len(rows):
        raise InputError(f"{path} is damaged (its vectors are no numbers); make it again with --overwrite.")
    keys, titles, answers, digests = (
        found.column(name).to_pylist() for name in ("key", "title", "answer", "picture_digest")
    )
    return Catalogue(
        path,
        table.about,
        rows,
        [str(key) for key in keys],
        titles,
        [answer or {} for answer in answers],
        [str(digest) for digest in digests],
        vectors,
    )
