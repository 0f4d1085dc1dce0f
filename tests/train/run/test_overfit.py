"""The whole chain at once: a tiny model learns 16 rows to the letter, off their pictures and not without
them.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from PIL import Image
from support.tiny_runs import config_of, losses_of

from datagen.train.data.run_data import reopen_data
from datagen.train.data.sources import fields_of
from datagen.train.evaluation.generate import answers
from datagen.train.evaluation.held_out import RowPictures
from datagen.train.models.base import load_run
from datagen.train.run.finetune import train_run

STEPS = 80
WORDS = ("Oak", "Elm", "Ash", "Fir", "Yew", "Bay", "Fig", "Ivy", "Hop", "Rye")


def picture_of(colours: NDArray[np.uint8]) -> dict[str, Any]:
    """A picture of four colours, as data sets keep it."""
    file = io.BytesIO()
    Image.fromarray(colours).resize((64, 64), Image.Resampling.NEAREST).save(file, "PNG")
    return {"bytes": file.getvalue(), "path": None}


def checked_rows(path: Path, count: int = 20) -> Path:
    """Rows whose titles share no word, with pictures of four random colours each, and random prices."""
    numbers = np.random.default_rng(0)
    rows = []
    for at in range(count):
        colours = numbers.integers(0, 255, (2, 2, 3), dtype=np.uint8)
        rows.append(
            {
                "title": f"{WORDS[at % 10]}{at} {WORDS[(at * 7 + 3) % 10]}{at}",
                "category3_code": "ABCD"[numbers.integers(4)],
                "full_price": float(numbers.integers(100, 1000)),
                "image": picture_of(colours),
            }
        )
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.mark.slow
def test_a_tiny_model_learns_16_rows_to_the_letter_and_needs_their_pictures(tmp_path: Path) -> None:
    config = config_of(
        checked_rows(tmp_path / "rows.parquet"),
        training__steps=STEPS,
        training__batch_size=16,
        training__evaluate_every=1000,
        training__save_every=1000,
        training__weight_decay=0.0,
    )
    run = tmp_path / "run"
    train_run(config, run)
    losses = losses_of(run)
    assert losses[1] > 4
    assert losses[STEPS] < 0.05
    data = reopen_data(config.data, run)
    rows, template = data.trained_rows, data.template
    assert len(rows) == 16
    truth = [template.text(fields) for fields in fields_of(data.held, rows, template)]
    base = load_run(run, "last")
    pictures = RowPictures(data.held, rows, template)

    def right(shown: object) -> int:
        said = answers(base, shown, template)  # type: ignore[arg-type]
        return sum(answer == text for answer, text in zip(said, truth, strict=True))

    assert right(pictures) == 16
    assert right([picture_of(np.full((2, 2, 3), 255, dtype=np.uint8))] * 16) <= 1
    assert right([pictures[(at + 1) % 16] for at in range(16)]) == 0
