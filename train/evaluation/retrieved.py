"""The neighbours of held-out rows: what stands in their prompts, and what a prompt could have known.

No neighbour has the title of a row that is evaluated or held out by the run, so a title that is right was
read off another product, or was learned.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.schemas.keyed import I64
from datagen.schemas.progress import StageProgress
from datagen.train.chat.conversation import Fields, Template
from datagen.train.config import RetrievalConfig, saved_config
from datagen.train.data.sources import fields_of
from datagen.train.evaluation.held_out import HeldOutRows, RowPictures
from datagen.train.evaluation.scores import NEAR, exact
from datagen.train.evaluation.scoring import share
from datagen.train.retrieval.catalogue import load_catalogue
from datagen.train.retrieval.search import NONE
from datagen.train.retrieval.tower import maker_of_run, refuse_other_tower

if TYPE_CHECKING:
    from datagen.train.models.base import Base


@dataclass(frozen=True)
class Retrieved:
    """Neighbours by row number, the nearest first.

    ``texts``: their answers; ``keys``: what the index calls them. ``record``: for scores.json.
    """

    settings: RetrievalConfig
    texts: dict[int, tuple[str, ...]]
    keys: dict[int, tuple[str, ...]]
    record: dict[str, Any]

    def of_rows(self, rows: I64) -> list[tuple[str, ...]]:
        """The answers of the neighbours of some rows."""
        return [self.texts.get(row, ()) for row in rows.tolist()]


def retrieve(
    run: Path,
    which: str,
    held: HeldOutRows,
    settings: RetrievalConfig,
    base: Callable[[], Base],
    progress: StageProgress,
) -> Retrieved | None:
    """The neighbours of all held-out rows in the index of the settings; None without one.

    ``base``: called for the model if the index lacks some of the pictures. Raises InputError for an index
    that does not fit the run.
    """
    if settings.index is None:
        return None
    index, config = Path(settings.index), saved_config(run)
    catalogue = load_catalogue(index)
    refuse_other_tower(catalogue.about, index, config, run, which)
    known = catalogue.fields(held.template)
    titles = held.source.titles()
    queries = catalogue.queries(
        RowPictures(held.source, held.rows, held.template),
        maker_of_run(catalogue.about, config, run, base),
        progress,
    )
    asked = [titles[row] for row in held.rows.tolist()]
    places = catalogue.nearest(queries, settings.k, asked, [*held.withheld, *asked])
    near = [[place for place in mine if place != NONE] for mine in places.tolist()]
    said = [held.template.text(fields) for fields in known]
    texts = {
        row: tuple(said[place] for place in mine) for row, mine in zip(held.rows.tolist(), near, strict=True)
    }
    keys = {
        row: tuple(catalogue.keys[place] for place in mine)
        for row, mine in zip(held.rows.tolist(), near, strict=True)
    }
    given = json.dumps([settings.introduction, settings.max_tokens, sorted(texts.items())])
    shown = [[known[place] for place in mine] for mine in near]
    return Retrieved(
        settings,
        texts,
        keys,
        {
            "index": index.name,
            "k": settings.k,
            "products": len(catalogue),
            "digest": hashlib.sha256(given.encode()).hexdigest(),
            "recall": recall(held, shown),
        },
    )


def recall(held: HeldOutRows, shown: list[list[Fields]]) -> dict[str, Any]:
    """The shares of rows whose neighbours include the right category, and a price within 20 % of the right
    one.

    What a prompt could have known; with intervals as those of scores. A row without a price counts in neither
    part of the second share.
    """
    template = held.template
    truth = fields_of(held.source, held.rows, template)
    found: dict[str, Any] = {}
    category, price = template.category, template.price
    if category is not None:
        right = [
            any(exact(str(true[category]), str(one[category])) for one in mine)
            for true, mine in zip(truth, shown, strict=True)
        ]
        found["category"] = share(np.array(right), held.title_families, seed=held.seed).as_json()
    if price is not None:
        priced = np.array([_is_price(true[price]) for true in truth])
        near = np.array([_near(true, mine, template) for true, mine in zip(truth, shown, strict=True)])
        if priced.any():
            found["price_within_20"] = share(
                near[priced], held.title_families[priced], seed=held.seed
            ).as_json()
    return found


def _near(truth: Fields, shown: list[Fields], template: Template) -> bool:
    true = truth[template.price or ""]
    return isinstance(true, float) and any(
        isinstance(one[template.price or ""], float)
        and abs(float(one[template.price or ""] or 0) - true) <= NEAR * true
        for one in shown
    )


def _is_price(value: Any) -> bool:
    return isinstance(value, float) and value > 0
