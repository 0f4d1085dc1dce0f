"""The data of a run: real rows are held out, synthetic rows that would teach their titles are not trained
on.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.sets import change_cell, garden

from datagen.schemas import InputError
from datagen.schemas.title_families import KnownTitleFamilies
from datagen.train.config import load_config
from datagen.train.data.mixture import REAL, SYNTHETIC
from datagen.train.data.run_data import DATA, SPLIT, described_data, prepare_data, reopen_data


def asked(real: Path | None = None, synthetic: Path | None = None, **flags: Any) -> Any:
    data = {"data.real": real and str(real), "data.synthetic": synthetic and str(synthetic)}
    more = {f"data.{name}": value for name, value in flags.items()}
    return load_config(None, {**data, **more}).data


def test_no_held_out_title_is_trained_on_in_either_set(
    garden_set: Path, other_set: Path, tmp_path: Path
) -> None:
    data = prepare_data(asked(garden_set, other_set), tmp_path)
    real, made = data.sources
    assert real is not None
    assert made is not None
    titles, others = real.titles(), made.titles()
    held_out = [titles[row] for part in ("validation", "test") for row in data.split.rows(part)]
    near = KnownTitleFamilies(held_out)
    assert not any(near.contains(titles[row]) for row in data.rows[REAL])
    assert not any(near.contains(others[row]) for row in data.rows[SYNTHETIC])
    assert data.left_out > 0
    assert data.left_out + len(data.rows[SYNTHETIC]) == 200
    about = described_data(tmp_path)
    assert about == data.recorded()
    assert about["split"]["of"] == "real"
    assert about["left_out"] == data.left_out


def test_reopened_data_are_the_same_rows(garden_set: Path, other_set: Path, tmp_path: Path) -> None:
    config = asked(garden_set, other_set, real_rows=20, seed=3)
    data = prepare_data(config, tmp_path)
    assert len(data.rows[REAL]) == 20
    again = reopen_data(config, tmp_path)
    for first, second in zip(data.rows, again.rows, strict=True):
        assert np.array_equal(first, second)
    assert np.array_equal(data.split.part, again.split.part)
    alone = reopen_data(config, tmp_path, synthetic=False)
    assert alone.sources[SYNTHETIC] is None
    assert np.array_equal(alone.trained_rows, data.rows[REAL])


def test_synthetic_rows_are_split_where_there_is_nothing_else(other_set: Path, tmp_path: Path) -> None:
    data = prepare_data(asked(None, other_set), tmp_path)
    assert data.held_part == SYNTHETIC
    assert data.held.name == str(other_set)
    assert 0 < len(data.split.rows("test")) < len(data.rows[SYNTHETIC]) < 200
    assert not len(data.rows[REAL])


@pytest.mark.parametrize(
    ("share", "real", "made"), [(0.0, True, False), (1.0, False, True), (0.5, True, True)]
)
def test_a_share_of_nothing_or_all_leaves_a_set_out(
    garden_set: Path, other_set: Path, tmp_path: Path, share: float, real: bool, made: bool
) -> None:
    data = prepare_data(asked(garden_set, other_set, synthetic_share=share), tmp_path)
    assert (len(data.rows[REAL]) > 0, len(data.rows[SYNTHETIC]) > 0) == (real, made)
    assert data.held_part == REAL


def test_runs_that_are_compared_share_a_split(garden_set: Path, other_set: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    one = prepare_data(asked(garden_set, seed=5), first)
    other = prepare_data(asked(garden_set, other_set, seed=6, split_from=str(first)), second)
    assert np.array_equal(one.split.part, other.split.part)
    with pytest.raises(InputError, match="belongs to other data"):
        prepare_data(asked(other_set, split_from=str(first)), tmp_path / "third")
    with pytest.raises(InputError, match="There is no split"):
        prepare_data(asked(garden_set, split_from=str(tmp_path)), tmp_path / "fourth")


def test_changed_data_and_broken_records_are_refused(garden_set: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(garden_set, tmp_path / "data")
    run = tmp_path / "run"
    prepare_data(asked(folder), run)
    change_cell(folder, 3, "label", "Another Spade")
    with pytest.raises(InputError, match="has changed since"):
        reopen_data(asked(folder), run)
    for text in ("{", "[]", '{"real": 3}'):
        (run / DATA).write_text(text)
        with pytest.raises(InputError, match="restart the run"):
            reopen_data(asked(folder), run)
    (run / DATA).unlink()
    with pytest.raises(InputError, match="cannot be read"):
        reopen_data(asked(folder), run)
    assert (run / SPLIT).is_file()


def test_columns_may_be_named_for_each_set(garden_set: Path, tmp_path: Path) -> None:
    data = prepare_data(asked(garden_set, real_columns={"category3_code": "group"}), tmp_path)
    assert data.held.columns["category3_code"] == "group"
    with pytest.raises(InputError, match="no column 'nothing'"):
        prepare_data(asked(garden(tmp_path / "g", 20), real_columns={"title": "nothing"}), tmp_path / "r")


def test_a_relative_path_is_the_same_data_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home" / "shops").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    garden(tmp_path / "home" / "shops" / "garden", 20)
    run = tmp_path / "home" / "run"
    monkeypatch.chdir(tmp_path / "home")
    config = asked(Path("shops/garden"))
    data = prepare_data(config, run)
    assert data.held.name == "shops/garden"
    assert "path" not in data.described()["real"]

    def ask(*_: object, **__: object) -> None:
        raise AssertionError("the Hub was asked")

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", ask)
    monkeypatch.chdir(tmp_path / "elsewhere")
    again = reopen_data(config, run)
    assert again.held.name == "shops/garden"
    assert again.rows[0].tolist() == data.rows[0].tolist()
    (tmp_path / "home").rename(tmp_path / "moved")
    assert reopen_data(config, tmp_path / "moved" / "run").rows[0].tolist() == data.rows[0].tolist()
    shutil.rmtree(tmp_path / "moved" / "shops")
    with pytest.raises(InputError, match=r"shops/garden, which .*/run was trained on, is no longer there"):
        reopen_data(config, tmp_path / "moved" / "run")


@pytest.mark.parametrize("text", ["[]", "3", '{"real": []}', "{" * 5_000, '{"real": {"digest": [1]}}'])
def test_an_odd_record_of_the_data_is_one_sentence(garden_set: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / DATA).write_text(text)
    with pytest.raises(InputError) as refused:
        reopen_data(asked(garden_set), tmp_path)
    assert "\n" not in str(refused.value)
