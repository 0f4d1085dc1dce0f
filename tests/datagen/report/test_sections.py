"""All sections on rows, from two sets: the same bytes for the same input, and bad input said in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace

import pyarrow as pa
import pytest
from support.catalogue_rows import SCHEMA, as_set, tool_rows, tools

from datagen.arrow import numbers, texts
from datagen.report.figures import Figure, Section
from datagen.report.sections import row_sections
from datagen.report.sets.rows import RowSet, read_table
from datagen.report.thresholds import THRESHOLDS
from datagen.schemas import Schema
from datagen.schemas.schema import Drawn, Other

NAMES = ["fidelity", "giveaway", "usefulness", "privacy"]


def _json(sections: list[Section]) -> str:
    return json.dumps([asdict(section) for section in sections], allow_nan=False)


def _figures(sections: list[Section]) -> dict[str, Figure]:
    return {figure.name: figure for section in sections for figure in section.figures}


def test_the_same_sets_and_seed_give_the_same_bytes() -> None:
    sets = tools(60, 1), tools(60, 2)
    one, other = (_json(row_sections(*sets, seed=3)) for _ in range(2))
    assert one == other


def test_every_threshold_is_of_a_figure_and_has_a_reason() -> None:
    table = tool_rows(70, 1)
    found = _figures(row_sections(as_set(table), tools(70, 2), 0, tools(70, 3)))
    # A catalogue without links and without pictures.
    assert set(THRESHOLDS) - set(found) == {"copied links", "two-sample AUC of pictures"}
    for name, figure in found.items():
        if figure.threshold is not None:
            assert THRESHOLDS[name].reason in figure.about


def test_every_figure_has_an_interval_or_references() -> None:
    for figure in _figures(row_sections(tools(70, 1), tools(70, 2), 0, tools(70, 3))).values():
        if figure.value is not None and figure.name != "smallest AUC told from chance":
            assert figure.references or figure.low is not None, figure.name
            assert figure.low is None or figure.low <= figure.value <= (figure.high or 0), figure.name


def _without(*names: str) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.drop_columns(list(names))


def _with(name: str, values: pa.Array) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.set_column(table.column_names.index(name), name, values)


BAD: dict[str, Callable[[pa.Table], pa.Table]] = {
    "ten rows": lambda table: table.slice(0, 10),
    "one row": lambda table: table.slice(0, 1),
    "no titles": _without("label"),
    "no prices": _without("eur"),
    "no categories": _without("aisle"),
    "titles alone": _without("sku", "aisle", "eur"),
    "codes alone": _without("aisle", "label", "eur"),
    "prices alone": _without("sku", "aisle", "label"),
    "all titles equal": _with("label", texts(["Rake"] * 60)),
    "every column constant": lambda table: table.take(numbers(pa.array([0] * 60).to_numpy())),
    "titles missing": _with("label", pa.nulls(60, pa.string())),
    "prices missing": _with("eur", pa.nulls(60, pa.float64())),
    "everything missing": lambda table: pa.table(
        {field.name: pa.nulls(60, field.type) for field in table.schema}
    ),
    "prices that no shop asks": _with("eur", pa.array([float("inf"), -5.0, 0.0, 1e308, float("nan")] * 12)),
    "titles in Chinese": _with("label", texts([f"钢锤{chr(0x4E00 + at)}" for at in range(60)])),
    "titles without a letter": _with("label", texts(["!?", "..."] * 30)),
    "a title of a million letters": _with("label", texts(["a " * 500_000, *(f"b{at}" for at in range(59))])),
    "rules broken": _with("sku", texts(["not a code"] * 60)),
}


ON_ONE_SIDE = (
    "all titles equal",
    "every column constant",
    "everything missing",
    "titles missing",
    "ten rows",
)


@pytest.mark.parametrize(
    ("what", "side"), [*((what, "both") for what in BAD), *((what, "synthetic") for what in ON_ONE_SIDE)]
)
def test_bad_input_gives_all_sections_and_says_what_was_not_computed(what: str, side: str) -> None:
    change = BAD[what]
    real, made = (tool_rows(60, seed, first_code=seed * 1000) for seed in (1, 2))
    sections = row_sections(
        as_set(change(real) if side == "both" else real, "A"), as_set(change(made), "B"), 0
    )
    assert [section.name for section in sections] == NAMES
    text = _json(sections)  # refuses what is not a number
    for figure in _figures(sections).values():
        assert (figure.value is None) == bool(figure.not_computed), figure.name
    if side == "both" and what in {"ten rows", "one row", "every column constant", "everything missing"}:
        assert sections[1].not_computed
    assert "Traceback" not in text


def test_a_rule_that_real_rows_break_is_shown_and_not_judged() -> None:
    real = tool_rows(90, 1)
    broken = real.set_column(0, "sku", texts(["?", *real["sku"].to_pylist()[1:]]))
    made = tool_rows(90, 2, first_code=900).set_column(0, "sku", texts([f"X{at}" for at in range(90)]))
    fidelity, *_ = row_sections(as_set(broken), as_set(made), 0)
    (table,) = [table for table in fidelity.tables if table.title.startswith("Rules")]
    (row,) = [row for row in table.rows if "matches" in str(row[0])]
    assert row[1:3] == (1, 90)
    assert row[3] == "not judged: real rows break it too"
    assert _figures([fidelity])["rows that break a rule"].value == 0.0


def test_a_rule_that_real_rows_keep_fails_the_section() -> None:
    made = tool_rows(90, 2, first_code=900)
    made = made.set_column(0, "sku", texts(["X1"] * 9 + made["sku"].to_pylist()[9:]))
    fidelity, *_ = row_sections(tools(90, 1), as_set(made), 0)
    assert _figures([fidelity])["rows that break a rule"].value == pytest.approx(0.1)
    assert fidelity.verdict == "fail"


def test_what_was_not_compared_is_listed() -> None:
    real = as_set(tool_rows(60, 1).append_column("note", texts(["x"] * 60)).drop_columns(["eur"]), "A")
    fidelity, *_ = row_sections(real, tools(60, 2, "B"), 0)
    assert "Only B has 1 column (eur)." in fidelity.left_out
    assert any(sentence.startswith("Prices were not compared") for sentence in fidelity.left_out)


def test_sets_of_different_sizes_are_compared_by_as_many_rows() -> None:
    fidelity, *_ = row_sections(tools(60, 1), tools(150, 2), 0)
    assert any("How often titles repeat" in sentence for sentence in fidelity.left_out)
    (titles,) = [table for table in fidelity.tables if table.title == "Titles"]
    assert titles.rows[0][1:] == (60, 60)


def test_columns_of_other_types_are_compared_too() -> None:
    schema = Schema(
        name="more",
        columns=(
            *SCHEMA.columns,
            Drawn(name="stock", role="drawn", dtype="int64"),
            Other(name="day", role="other", dtype="date32"),
            Other(name="sold", role="other", dtype="bool"),
        ),
    )

    def rows(seed: int, most: int) -> RowSet:
        table = tool_rows(90, seed, first_code=seed * 1000)
        more = {
            "stock": pa.array([at * 37 % most for at in range(90)]),
            "day": pa.array([at * 13 % 50 for at in range(90)], pa.int32()).cast(pa.date32()),
            "sold": pa.array([at % 3 == 0 for at in range(90)]),
        }
        for name, values in more.items():
            table = table.append_column(name, values)
        return read_table(table, schema, "more")

    sections = row_sections(rows(1, 40), rows(2, 4), 0)
    assert "stock" in str(sections[1].tables[0].rows)
    assert any(table.title == "Other numbers" for table in sections[0].tables)


def test_a_section_does_not_pass_by_minor_figures_alone() -> None:
    """Of so few rows there is no AUC, though no rule is broken; without a holdout nobody attacks."""
    fidelity, _, _, privacy = row_sections(tools(30, 1), tools(30, 2), 0)
    of = _figures([fidelity, privacy])
    assert of["two-sample AUC"].verdict == "none"
    assert of["rows that break a rule"].verdict == "pass"
    assert fidelity.verdict == "none"
    assert fidelity.headline == of["two-sample AUC"]
    assert of["copied codes"].verdict == "pass"
    assert privacy.verdict == "none"
    assert privacy.headline == of["strongest membership attack"]


def test_a_section_fails_by_a_minor_figure() -> None:
    minor, main = Figure("minor", 1.0, threshold=0.0), Figure("main", 0.5, threshold=0.6)
    assert Section("x", "X", figures=(minor, main), main=("main",)).verdict == "fail"
    assert Section("x", "X", figures=(main,), main=("main",)).verdict == "pass"
    assert Section("x", "X", figures=(replace(main, threshold=None),), main=("main",)).verdict == "none"
    assert Section("x", "X", figures=(main,)).verdict == "pass"
