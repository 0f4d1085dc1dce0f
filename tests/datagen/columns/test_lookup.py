"""Columns that follow from another one, days to choose from, and distributions given by quantiles."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from support.sets import GARDEN

from datagen.columns.rules import rules
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe, write_recipe
from datagen.product.distributions import Quantiles
from datagen.schemas import InputError

CODES = {"of": "tone", "values": {"soft": "#ffffff", "loud": "#ff0000"}, "otherwise": "#000000"}


def recipe(tmp_path: Path, columns: list[dict[str, Any]], drawn: dict[str, Any]) -> Recipe:
    schema = yaml.safe_load(GARDEN["schema"].read_text(encoding="utf-8"))
    profile = yaml.safe_load(GARDEN["profile"].read_text(encoding="utf-8"))
    schema["columns"] = [*columns, *schema["columns"]]
    paths = {"schema": tmp_path / "a.yaml", "profile": tmp_path / "a.profile.yaml"}
    paths["schema"].write_text(yaml.safe_dump(schema), encoding="utf-8")
    paths["profile"].write_text(yaml.safe_dump({**profile, "drawn": drawn}), encoding="utf-8")
    return write_recipe(200, image_size=None, **paths)


def table_of(made: Recipe) -> pa.Table:
    return Maker(made).piece(0, 200).table


def test_a_lookup_follows_from_its_column_wherever_that_stands(tmp_path: Path) -> None:
    columns = [{"name": "hex", "role": "drawn"}, {"name": "tone", "role": "drawn"}]
    made = recipe(tmp_path, columns, {"tone": {"choice": ["soft", "loud", "dim"]}, "hex": {"lookup": CODES}})
    table = table_of(made)
    assert table.column_names[:2] == ["hex", "tone"]
    pairs = set(zip(table["tone"].to_pylist(), table["hex"].to_pylist(), strict=True))
    assert pairs == {("soft", "#ffffff"), ("loud", "#ff0000"), ("dim", "#000000")}
    (rule,) = [each for each in rules(made.schema, made.profile) if each.column == "hex"]
    assert not rule.broken(table).any()
    wrong = table.set_column(0, "hex", pa.array(["#ff0000"] * len(table)))
    assert rule.broken(wrong).tolist() == [tone != "loud" for tone in table["tone"].to_pylist()]


@pytest.mark.parametrize("of", ["nothing", "hex", "picture"])
def test_a_lookup_needs_another_column_that_is_made_on_its_own(of: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="which is no other column that is made on its own"):
        recipe(tmp_path, [{"name": "hex", "role": "drawn"}], {"hex": {"lookup": {**CODES, "of": of}}})


def test_a_table_of_values_that_are_not_of_the_dtype_is_refused(tmp_path: Path) -> None:
    columns = [{"name": "hex", "role": "drawn", "dtype": "int64"}, {"name": "tone", "role": "drawn"}]
    with pytest.raises(InputError, match="lookup has a value that is not a int64"):
        recipe(tmp_path, columns, {"tone": {"choice": ["soft"]}, "hex": {"lookup": CODES}})


def test_days_can_be_chosen_from(tmp_path: Path) -> None:
    made = recipe(
        tmp_path,
        [{"name": "day", "role": "drawn", "dtype": "date32"}],
        {"day": {"choice": {"2024-02-29": 1, "2024-03-01": 3}}},
    )
    table = table_of(made)
    assert set(table["day"].to_pylist()) == {date(2024, 2, 29), date(2024, 3, 1)}
    (rule,) = [each for each in rules(made.schema, made.profile) if each.column == "day"]
    assert not rule.broken(table).any()
    assert rule.broken(table.set_column(0, "day", pa.array([date(2024, 3, 2)] * len(table)))).all()


def test_quantiles_are_kept() -> None:
    quantiles = Quantiles.model_validate({0: 1, 50: 4, 90: 4, 100: 90})
    assert quantiles.at(np.array([0.0, 0.25, 0.5, 0.7, 0.95])).tolist() == [1, 2.5, 4, 4, 47]
    assert (quantiles.below(0), quantiles.below(2.5), quantiles.below(90)) == (0, 0.25, 1)


@pytest.mark.parametrize("wrong", [{}, {0: 1}, {0: 1, 100: 0}, {50: 1, 0: 0, 100: 2}])
def test_quantiles_that_do_not_rise_are_refused(wrong: dict[int, float]) -> None:
    with pytest.raises(ValueError, match="quantiles must"):
        Quantiles.model_validate(wrong)


def test_a_flag_may_be_true_and_false(tmp_path: Path, garden_recipe: Recipe) -> None:
    schema = yaml.safe_load(GARDEN["schema"].read_text(encoding="utf-8"))
    for column in schema["columns"]:
        if column["role"] == "discount_flag":
            column["dtype"] = "bool"
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(schema), encoding="utf-8")
    made = write_recipe(100, schema=tmp_path / "a.yaml", profile=GARDEN["profile"], image_size=None)
    table = Maker(made).piece(0, 100).table
    assert table["on_sale"].type == pa.bool_()
    assert 0 < sum(table["on_sale"].to_pylist()) < 100
    (rule,) = [each for each in rules(made.schema, made.profile) if each.column == "on_sale"]
    assert not rule.broken(table).any()
