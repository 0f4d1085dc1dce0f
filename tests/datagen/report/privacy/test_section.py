from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from support.catalogue_rows import as_set, tool_rows, tools

from datagen.report.figures import Figure, Section
from datagen.report.privacy.attacks import TitleModel
from datagen.report.privacy.nearness import Space, nearest
from datagen.report.privacy.section import NEARER, STRONGEST, privacy
from datagen.report.sets.rows import compare

ROWS = 400


def _figures(section: Section) -> dict[str, Figure]:
    return {figure.name: figure for figure in section.figures}


def _report(made: pa.Table, holdout: bool = True) -> dict[str, Figure]:
    held_out = as_set(tool_rows(ROWS, 2, first_code=20_000), "H") if holdout else None
    return _figures(privacy(compare(as_set(tool_rows(ROWS, 1)), as_set(made), 0, held_out)))


@pytest.fixture(scope="module")
def honest() -> dict[str, Figure]:
    return _report(tool_rows(ROWS, 3, first_code=30_000))


@pytest.fixture(scope="module")
def copier() -> dict[str, Figure]:
    taken = np.random.default_rng(0).integers(0, ROWS, ROWS)
    return _report(tool_rows(ROWS, 1).take(pa.array(taken)))


def test_an_honest_draw_copies_nothing_and_tells_no_member(honest: dict[str, Figure]) -> None:
    for name in ("copied rows", "copied codes"):
        assert (honest[name].value, honest[name].verdict) == (0.0, "pass")
    assert abs((honest[NEARER].value or 0) - 0.5) < 0.08
    assert (honest[STRONGEST].value or 1) < 0.58
    low, high = honest[STRONGEST].low, honest[STRONGEST].high
    assert low is not None
    assert high is not None
    assert low <= 0.5 < high
    assert 0.5 < honest[STRONGEST].references["chance"] < 0.56


def test_a_copier_fails_in_every_way(copier: dict[str, Figure]) -> None:
    for name in ("copied rows", "copied codes"):
        assert (copier[name].value, copier[name].verdict) == (1.0, "fail")
    assert (copier["copied titles"].value, copier["near copies"].value) == (1.0, 1.0)
    assert copier["nearest-neighbour ratio"].value == 0.0
    assert (copier[NEARER].value or 0) > 0.95
    assert (copier[STRONGEST].value or 0) > 0.75
    assert {copier[name].verdict for name in (NEARER, STRONGEST)} == {"fail"}


def _with_codes(table: pa.Table, codes: np.ndarray) -> pa.Table:
    return table.set_column(0, table.schema.field(0), pa.array([f"T{1000 + code}" for code in codes]))


@pytest.mark.parametrize("seed", range(3))
def test_codes_that_meet_in_a_small_space_are_put_down_to_chance(seed: int) -> None:
    draw = np.random.default_rng(seed)
    real, made = (
        _with_codes(tool_rows(ROWS, at), draw.choice(8000, ROWS, replace=False)) for at in (1, 3 + seed)
    )
    figures = _figures(privacy(compare(as_set(real), as_set(made), 0, None)))
    found = figures["copied codes"]
    assert 0 < (found.value or 0) <= (found.threshold or 0) < 0.12
    assert found.verdict == "pass"
    assert "by chance" in found.about


@pytest.mark.parametrize("also", ["titles", "nothing"])
def test_codes_copied_in_a_small_space_still_fail(also: str) -> None:
    """A tenth of the codes is copied, with the rows or alone; by chance a twentieth would be."""
    draw = np.random.default_rng(0)
    real, fresh = (_with_codes(tool_rows(ROWS, at), draw.choice(8000, ROWS, replace=False)) for at in (1, 3))
    if also == "titles":
        made = pa.concat_tables([real.slice(0, 40), fresh.slice(40)])
    else:
        codes = np.array([int(code[1:]) - 1000 for code in fresh[0].to_pylist()])
        codes[:60] = [int(code[1:]) - 1000 for code in real[0][:60].to_pylist()]
        made = _with_codes(fresh, codes)
    assert _figures(privacy(compare(as_set(real), as_set(made), 0, None)))["copied codes"].verdict == "fail"


def test_a_leak_of_some_rows_with_new_codes_and_prices_is_found_by_the_attacks() -> None:
    # No row and no code is a copy, and 70 % of the rows are honest: only the titles of 120 members come
    # again.
    made = tool_rows(ROWS, 3, first_code=30_000)
    leaked = tool_rows(ROWS, 1)["label"].to_pylist()[:120]
    labels = leaked + made["label"].to_pylist()[120:]
    found = _report(made.set_column(2, "label", pa.array(labels)))
    assert found["copied rows"].value == 0.0
    assert found["copied titles"].value == pytest.approx(0.3, abs=0.02)
    assert (found[STRONGEST].low or 0) > 0.55
    assert found[STRONGEST].verdict == "fail"


def test_a_leak_of_prices_alone_is_found() -> None:
    # Each member's price to the cent, under a title of the same noun and maker.
    member = tool_rows(ROWS, 1)
    made = tool_rows(ROWS, 3, first_code=30_000)
    shorter = [" ".join(label.split()[:-1]) + " 1" for label in member["label"].to_pylist()]
    made = made.set_column(1, "aisle", member["aisle"]).set_column(3, "eur", member["eur"])
    found = _report(made.set_column(2, "label", pa.array(shorter)))
    assert found["copied titles"].value == 0.0
    assert (found[STRONGEST].low or 0) > 0.6


def test_at_least_five_attacks_are_made_and_the_figure_is_their_maximum() -> None:
    held_out = tools(ROWS, 2, "H")
    section = privacy(compare(tools(ROWS, 1), tools(ROWS, 3), 0, held_out))
    (table,) = [table for table in section.tables if table.title == "Membership attacks"]
    assert len(table.rows) >= 5
    assert _figures(section)[STRONGEST].value == max(float(row[1] or 0) for row in table.rows)
    assert "arXiv 2505.01524" in section.about


def test_without_a_holdout_copies_are_counted_and_the_rest_says_why_not() -> None:
    found = _report(tool_rows(ROWS, 3, first_code=30_000), holdout=False)
    assert found["copied codes"].value == 0.0
    for name in (NEARER, STRONGEST):
        assert found[name].value is None
        assert found[name].not_computed.startswith("it is not known which real rows")


def test_a_small_holdout_is_not_attacked() -> None:
    held_out = tools(12, 2, "H")
    found = _figures(privacy(compare(tools(ROWS, 1), tools(ROWS, 3), 0, held_out)))
    assert found[STRONGEST].not_computed == "real rows and holdout need 30 rows each, and one has 12"


def test_so_few_rows_that_chance_passes_the_threshold_are_not_judged() -> None:
    found = _figures(privacy(compare(tools(60, 1), tools(60, 3), 0, tools(60, 2, "H"))))
    assert found[STRONGEST].value is not None
    assert found[STRONGEST].verdict == "none"
    assert "It is not judged here" in found[STRONGEST].about


def test_distances_are_the_mean_of_their_parts() -> None:
    table = pa.table(
        {
            "sku": ["T1", "T2", "T3"],
            "aisle": ["a", "a", "b"],
            "label": ["red steel rake", "red oak rake", "blue spade"],
            "eur": [10.0, 10.0, 10.0],
        }
    )
    rows = compare(as_set(table), as_set(table), 0).real
    space = Space(rows, [rows])
    points = space.points(rows)
    found = nearest(points, points, apart=True, k=2)
    # Titles share two of four words (1/2), then none (1); aisles 0, then 1; prices are equal.
    assert found.distance[0] == pytest.approx([(1 / 2 + 0 + 0) / 3, (1 + 1 + 0) / 3])
    assert found.row[0].tolist() == [1, 2]
    assert nearest(points, points, k=1).distance[:, 0].tolist() == [0, 0, 0]


def test_a_title_model_is_a_distribution_and_prefers_what_it_has_read() -> None:
    model = TitleModel(["oak rake", "oak spade", "steel rake"])
    vocabulary = ["oak", "rake", "spade", "steel", "", "unknown"]
    total = sum(model.probability("oak", word) for word in vocabulary)
    assert total == pytest.approx(1)
    assert model.log_likelihood("oak rake") > model.log_likelihood("spade oak")
    assert np.isfinite(model.log_likelihood("never seen"))
