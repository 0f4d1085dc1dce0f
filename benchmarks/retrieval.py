"""Retrieval against fine-tuning, on the same rows, before and after a tenth of the titles are new.

    python benchmarks/retrieval.py [--rows 240] [--steps 120] [--k 4] [--work FOLDER]

Made rows of the garden catalogue of the tests, and the tiny model of smoke runs (random weights, half a
million of them, two layers), whose vectors are hand-made features: this shows what the commands do and what
each way costs, not what a pretrained model would gain. Seven of ten title families train, three are tested.
In brackets: 95 % intervals over title families; differences are paired, row by row: from the nearest
neighbour alone, and below each table with retrieval minus without.
Memory is the estimate of train/models/memory.py for one answer. Then a tenth of the titles of both parts is
replaced by others from another seed; the table comes again, with everything as it was and with everything
brought up to date, and says what that took. Seconds are of this machine, on one thread, busy or not.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from datagen import make
from datagen.schemas import load_schema
from datagen.schemas.schema import Code, Title
from datagen.schemas.title_families import title_family_keys
from datagen.train.chat.conversation import Fields, Template
from datagen.train.config import RetrievalConfig, load_config
from datagen.train.data.sources import NEIGHBOURS, fields_of, open_source
from datagen.train.evaluation.baselines import majority
from datagen.train.evaluation.evaluate import evaluate_run
from datagen.train.evaluation.generate import answers
from datagen.train.evaluation.held_out import HeldOutRows, RowPictures, other_data
from datagen.train.evaluation.predictions import read_predictions
from datagen.train.evaluation.retrieved import retrieve
from datagen.train.evaluation.scoring import Estimate, compare, score
from datagen.train.models.base import run_to_answer
from datagen.train.models.encoding import Encoder
from datagen.train.models.memory import answer_bytes
from datagen.train.retrieval.build import make_index, update_index
from datagen.train.retrieval.catalogue import load_catalogue
from datagen.train.retrieval.store import lancedb
from datagen.train.retrieval.tower import new_about
from datagen.train.retrieval.vectors import hand_made
from datagen.train.run.finetune import train_run
from datagen.train.run.summary import read_summary
from datagen.train.terminal import calm

GARDEN = Path(__file__).parents[1] / "tests" / "data"
TEMPLATE = Template()
NEW_TOKENS = 48
SHOWN = ("category_accuracy", "price_within_20", "title_token_f1")
HEADINGS = ("category", "price within 20 %", "title token F1", "unparsable")
DIFFERENCES = ("category over nearest", "price over nearest")
COSTS = ("prompt tokens", "seconds", "MB")


@dataclass(frozen=True)
class Shop:
    """A catalogue with a train and a test split, and its index."""

    folder: Path
    index: Path


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """The rows of a dataset."""
    return [row for path in sorted((folder / "data").iterdir()) for row in pq.read_table(path).to_pylist()]


def written(like: Path, folder: Path, train: list[dict[str, Any]], test: list[dict[str, Any]]) -> Path:
    """A dataset with two splits."""
    schema = pq.read_schema(next((like / "data").iterdir()))
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    shutil.copy(like / "schema.yaml", folder)
    for name, rows in (("train", train), ("test", test)):
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / "data" / f"{name}-00000-of-00001.parquet")
    return folder


def catalogues(work: Path, count: int) -> tuple[Shop, Shop]:
    """The catalogue, and the one with a tenth of its title families new, in each part."""
    first, second = (
        make(
            rows,
            work / name,
            seed=seed,
            image_size=(64, 64),
            schema=GARDEN / "garden.yaml",
            profile=GARDEN / "garden.profile.yaml",
            overwrite=True,
        ).path
        for seed, (name, rows) in enumerate({"first": count, "second": 8 * count}.items())
    )
    rows, others = rows_of(first), rows_of(second)
    schema = load_schema(first / "schema.yaml")
    title, code = schema.one(Title), schema.one(Code)
    if title is None or code is None:
        raise SystemExit("The garden catalogue has titles and codes.")
    families = title_family_keys([row[title.name] for row in (*rows, *others)])
    turn = {family: zlib.crc32(family.encode()) for family in families}
    family_of = dict(zip([row[code.name] for row in others], families[count:], strict=True))
    known = set(families[:count])
    codes = {row[code.name] for row in rows}
    fresh = [
        row
        for row, family in zip(others, families[count:], strict=True)
        if family not in known and row[code.name] not in codes
    ]
    before, after = [], []
    for tested in (False, True):
        part = [
            (row, family)
            for row, family in zip(rows, families[:count], strict=True)
            if (turn[family] % 10 < 3) == tested
        ]
        kept = [row for row, family in part if turn[family] // 10 % 10 != 0]
        new = [row for row in fresh if (turn[family_of[row[code.name]]] % 10 < 3) == tested]
        before.append([row for row, _ in part])
        after.append(kept + new[: len(part) - len(kept)])
    return (
        Shop(written(first, work / "before", *before), work / "shop.index"),
        Shop(written(first, work / "after", *after), work / "shop.index"),
    )


def trained(shop: Shop, run: Path, steps: int, k: int | None) -> float:
    """Seconds of a smoke run, with ``k`` neighbours in its prompts; a finished one is not trained again."""
    flags = {
        "data.real": str(shop.folder),
        "smoke": True,
        "training.steps": steps,
        "training.generate_rows": 0,
        "training.evaluate_every": steps // 3,
        "training.save_every": steps,
        **({} if k is None else {"retrieval.index": str(shop.index), "retrieval.k": k}),
    }
    summary = read_summary(run)
    if summary is not None:
        return float(summary["seconds"])
    return train_run(load_config(None, flags), run, quiet=True).seconds


class Table:
    """Ways to answer the test rows of a catalogue, compared with the nearest neighbour alone."""

    def __init__(self, shop: Shop, run: Path, k: int, title: str) -> None:
        self.shop, self.k = shop, k
        self.held = other_data(run, str(shop.folder), "test")
        self.truth = self.held.truth()
        families = len(set(self.held.title_families.tolist()))
        print(f"\n{title}: {len(self.truth)} test rows in {families} title families\n")
        print("| " + " | ".join(("way", *HEADINGS, *DIFFERENCES, *COSTS)) + " |")
        print("|---|" + "---:|" * len((*HEADINGS, *DIFFERENCES, *COSTS)))
        self.nearest: list[Fields | None] = []
        self.said: dict[str, list[Fields | None]] = {}

    def line(self, way: str, said: Sequence[Fields | None], costs: Sequence[str] = ("", "", "")) -> None:
        """Print the scores of a way."""
        self.said[way] = list(said)
        found = score(self.truth, said, self.held.title_families, TEMPLATE)
        cells = [f"{100 * found.estimates[name].value:.1f} %" for name in (*SHOWN, "unparsable")]
        more = ["–"] * len(DIFFERENCES)
        if self.nearest:
            gained = compare(self.truth, self.nearest, said, self.held.title_families, TEMPLATE)
            more = [points(gained[name]) for name in ("category_accuracy", "price_within_20")]
        print("| " + " | ".join((way, *cells, *more, *costs)) + " |", flush=True)

    def differences(self, *pairs: tuple[str, str]) -> None:
        """Print each first way minus the second, row by row."""
        print("\n| the same rows | " + " | ".join(HEADINGS[:-1]) + " |")
        print("|---|" + "---:|" * len(SHOWN))
        for way, other in pairs:
            found = compare(self.truth, self.said[other], self.said[way], self.held.title_families, TEMPLATE)
            print(f"| {way} minus {other} | " + " | ".join(points(found[name]) for name in SHOWN) + " |")

    def without_a_model(self, note: str = "") -> None:
        """The majority of the training rows, and the nearest product of the index."""
        source = open_source(str(self.shop.folder), TEMPLATE)
        answer = majority(fields_of(source, np.arange(len(source)), TEMPLATE), TEMPLATE)
        catalogue = load_catalogue(self.shop.index)
        titles = self.held.source.titles()
        start = time.perf_counter()
        queries = catalogue.queries(RowPictures(self.held.source, self.held.rows, TEMPLATE), hand_made)
        near = catalogue.nearest(queries, 1, titles, [*self.held.withheld, *titles])[:, 0]
        seconds = (time.perf_counter() - start) / len(near)
        known = catalogue.fields(TEMPLATE)
        said = [known[at] for at in near.tolist()]
        self.line("majority", [answer] * len(said))
        self.nearest = []
        self.line(f"nearest neighbour alone{note}", said, ("0", f"{seconds:.4f}", ""))
        self.nearest = [*said]

    def with_a_model(self, way: str, run: Path, which: str, k: int | None) -> dict[str, Any]:
        """The answers of a run, with ``k`` neighbours from the index as it is. Returns their record."""
        settings = RetrievalConfig() if k is None else RetrievalConfig(index=str(self.shop.index), k=k)
        done = evaluate_run(
            run,
            which,
            data=str(self.shop.folder),
            retrieval=settings,
            baselines=False,
            max_new_tokens=NEW_TOKENS,
        )
        found, _ = read_predictions(done.folder / "predictions.parquet", TEMPLATE)
        self.line(way, found.fields, costs(run, which, self.held, settings))
        return dict(done.record["retrieval"] or {})


def points(found: Estimate) -> str:
    """A difference in points with its interval."""
    return f"{100 * found.value:+.1f} ({100 * found.low:+.1f} to {100 * found.high:+.1f})"


def costs(run: Path, which: str, held: HeldOutRows, settings: RetrievalConfig) -> tuple[str, str, str]:
    """Prompt tokens, seconds and megabytes of an answer; the seconds with the search, of 32 rows at most."""
    base, some = run_to_answer(run, which), held.first(32)
    answers(base, RowPictures(some.source, some.rows[:2], TEMPLATE), TEMPLATE, max_new_tokens=2)
    start = time.perf_counter()
    near = retrieve(run, which, some, settings, lambda: base, lambda stage, done, total: None)
    texts = near.of_rows(some.rows) if near is not None else [()] * len(some.rows)
    pictures = RowPictures(some.source, some.rows, TEMPLATE)
    answers(base, pictures, TEMPLATE, neighbours=texts, retrieval=settings, max_new_tokens=NEW_TOKENS)
    seconds = (time.perf_counter() - start) / len(some.rows)
    encode = Encoder(
        base.processor,
        TEMPLATE,
        base.chat,
        answers=False,
        retrieval=settings,
        options={"num_crops": base.num_crops},
    )
    tokens = [
        len(encode({TEMPLATE.image: picture, NEIGHBOURS: shown})["input_ids"])
        for picture, shown in zip(pictures, texts, strict=True)
    ]
    memory = answer_bytes(base.model.config, int(np.mean(tokens)), NEW_TOKENS, adapters=False)
    return f"{np.mean(tokens):.0f}", f"{seconds:.3f}", f"{memory / 1e6:.1f}"


def known(record: dict[str, Any]) -> str:
    """Recall of the neighbours."""
    shares = {name: one["value"] for name, one in record["recall"].items()}
    return ", ".join(f"{name} {100 * value:.1f} %" for name, value in shares.items())


def measure(work: Path, rows: int, steps: int, k: int) -> None:
    """Both tables."""
    before, after = catalogues(work, rows)
    config = load_config(None, {"data.real": str(before.folder), "smoke": True})
    source = open_source(str(before.folder), TEMPLATE, split=None)
    lancedb()
    start = time.perf_counter()
    about = new_about(config, None, lambda: hand_made)
    done = make_index(source, before.index, about, lambda: hand_made, overwrite=True)
    print(f"index: {done.products} products in {time.perf_counter() - start:.1f} s")
    plain, near = work / "plain", work / "near"
    seconds = {
        "fine-tuned": trained(before, plain, steps, None),
        "with retrieval": trained(before, near, steps, k),
    }
    print("; ".join(f"{name}: {value:.0f} s of training" for name, value in seconds.items()))
    table = Table(before, plain, k, "before")
    table.without_a_model()
    table.with_a_model("base", plain, "base", None)
    record = table.with_a_model("base + retrieval", plain, "base", k)
    table.with_a_model("fine-tuned", plain, "best", None)
    table.with_a_model("fine-tuned + retrieval", near, "best", k)
    table.differences(("base + retrieval", "base"), ("fine-tuned + retrieval", "fine-tuned"))
    print(f"\nrecall@{k}: {known(record)}")

    table = Table(after, plain, k, "after, as it was")
    table.without_a_model(", old index")
    table.with_a_model("fine-tuned", plain, "best", None)
    record = table.with_a_model("fine-tuned + retrieval, old index", near, "best", k)
    table.differences(("fine-tuned + retrieval, old index", "fine-tuned"))
    print(f"\nrecall@{k}: {known(record)}")
    start = time.perf_counter()
    source = open_source(str(after.folder), TEMPLATE, split=None)
    changes = update_index(source, after.index, lambda: hand_made)
    taken = time.perf_counter() - start
    what = f"{changes.added} added, {changes.removed} removed, {changes.kept} kept"
    print(f"\nindex brought up to date in {taken:.1f} s: {what}")
    again, near_again = work / "plain-again", work / "near-again"
    seconds = {
        "fine-tuned": trained(after, again, steps, None),
        "with retrieval": trained(after, near_again, steps, k),
    }
    print("; ".join(f"{name} again: {value:.0f} s of training" for name, value in seconds.items()))
    table = Table(after, plain, k, "after, brought up to date")
    table.without_a_model()
    record = table.with_a_model("fine-tuned + retrieval, new index", near, "best", k)
    table.with_a_model("fine-tuned again", again, "best", None)
    table.with_a_model("fine-tuned again + retrieval", near_again, "best", k)
    table.differences(("fine-tuned again + retrieval", "fine-tuned again"))
    print(f"\nrecall@{k}: {known(record)}")


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=240)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--work", type=Path, help="Keep everything here, and go on with what is there.")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with calm(), tempfile.TemporaryDirectory() as folder:
        measure(asked.work or Path(folder), asked.rows, asked.steps, asked.k)


if __name__ == "__main__":
    main()
