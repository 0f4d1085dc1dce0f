"""Any legal entry of a drawn column makes values that its rule accepts, with the distribution it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.drawn import NO_FAKER, drawn_catalogue
from support.sets import GARDEN

from datagen import InputError
from datagen.columns.drawn_values import make as make_values
from datagen.columns.drawn_values import raw_words
from datagen.columns.rules import rules
from datagen.generation.maker import Maker
from datagen.generation.recipe import write_recipe
from datagen.product.blocks import BLOCK
from datagen.product.drawn import DrawnValues
from datagen.product.profile import load_profile
from datagen.schemas import Schema
from datagen.schemas.schema import Drawn
from datagen.schemas.yaml_file import validate

_WHOLE = st.integers(-(10**15), 10**15) | st.integers(-20, 20)
_NUMBER = st.floats(-1e6, 1e6) | st.integers(-50, 50).map(float)
_POSITIVE = st.floats(0.01, 1e4)
_NORMAL = st.fixed_dictionaries({"mean": _NUMBER, "sd": _POSITIVE}).map(lambda value: {"normal": value})
_LOG_NORMAL = st.fixed_dictionaries({"median": _POSITIVE, "sigma": st.floats(0.01, 5)}).map(
    lambda value: {"log_normal": value}
)
_POISSON = st.fixed_dictionaries({"mean": st.floats(0.01, 500)}).map(lambda value: {"poisson": value})
_GEOMETRIC = st.fixed_dictionaries({"mean": _POSITIVE}).map(lambda value: {"geometric": value})


@st.composite
def _ranges(draw: st.DrawFn, values: st.SearchStrategy[Any], *distributions: st.SearchStrategy[Any]) -> Any:
    low, high = sorted((draw(values), draw(values)))
    return {"from": low, "to": high, **draw(st.one_of(st.just({}), *distributions))}


_PLAIN = st.text("ab c-.|()[]^$*+", min_size=1, max_size=6)
_TEXTS = st.lists(
    st.sampled_from(["#", "?", "{w}", r"\#", r"\{", r"\\"]) | _PLAIN, min_size=1, max_size=6
).map(lambda parts: {"template": "{w}" + "".join(parts), "words": {"w": ["x", "y.z", ""]}})
ENTRIES = st.one_of(
    _ranges(_WHOLE, _NORMAL, _LOG_NORMAL, _POISSON, _GEOMETRIC).map(lambda v: ("int64", {"integer": v})),
    st.tuples(_ranges(_NUMBER, _NORMAL, _LOG_NORMAL), st.integers(0, 6)).map(
        lambda v: ("float64", {"float": {**v[0], "decimals": v[1]}})
    ),
    st.dictionaries(st.text(max_size=5), st.floats(0.1, 9), min_size=1, max_size=5).map(
        lambda v: ("string", {"choice": v})
    ),
    st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=5).map(lambda v: ("int64", {"choice": v})),
    st.lists(_NUMBER, min_size=1, max_size=5).map(lambda v: ("float64", {"choice": v})),
    st.tuples(st.dates(), st.dates(), st.sampled_from(["date32", "string"])).map(
        lambda v: (v[2], {"date": {"from": str(min(v[:2])), "to": str(max(v[:2]))}})
    ),
    st.floats(0, 1).map(lambda v: ("bool", {"boolean": v})),
    _TEXTS.map(lambda v: ("string", {"text": v})),
)


@settings(max_examples=300)
@given(
    entry=ENTRIES, seed=st.integers(0, 2**64 - 1), start=st.integers(0, 3 * BLOCK), count=st.integers(1, 40)
)
def test_any_legal_entry_makes_values_that_its_rule_accepts(
    entry: tuple[Any, dict[str, Any]], seed: int, start: int, count: int
) -> None:
    dtype, plain = entry
    try:
        values = validate(DrawnValues, plain, "entry")
    except InputError as refusal:
        assert "\n" not in str(refusal)
        return
    column = Drawn(name="own", role="drawn", dtype=dtype)
    rows = np.arange(start, start + count)
    made = make_values(values.values, raw_words(seed, "own", rows), dtype)
    assert (len(made), made.null_count) == (count, 0)
    cut = count // 2
    pieces = [
        make_values(values.values, raw_words(seed, "own", part), dtype) for part in (rows[:cut], rows[cut:])
    ]
    assert pa.concat_arrays(pieces).equals(made)
    schema = Schema(name="s", columns=(column,))
    profile = load_profile(GARDEN["profile"]).model_copy(update={"drawn": {"own": values}})
    for rule in rules(schema, profile):
        assert not rule.broken(pa.table({"own": made})).any(), (rule.text, made)


@pytest.mark.parametrize(
    ("entry", "mean", "sd"),
    [
        ({"integer": {"from": 0, "to": 400}}, 200, 115.8),
        ({"integer": {"from": 0, "to": 400, "poisson": {"mean": 12}}}, 12, 12**0.5),
        ({"integer": {"from": 0, "to": 10_000, "geometric": {"mean": 3}}}, 3, 12**0.5),
        ({"integer": {"from": 0, "to": 100, "normal": {"mean": 50, "sd": 10}}}, 50, 10),
        ({"float": {"from": -9, "to": 9, "normal": {"mean": 0, "sd": 1}}}, 0, 1),
        ({"float": {"from": 0, "to": 9, "decimals": 6, "normal": {"mean": 0, "sd": 1}}}, 0.7979, 0.6028),
        ({"float": {"from": 0, "to": 1000, "log_normal": {"median": 2, "sigma": 0.5}}}, 2.266, 1.208),
    ],
)
def test_values_have_the_mean_and_spread_of_their_distribution(
    entry: dict[str, Any], mean: float, sd: float
) -> None:
    values = validate(DrawnValues, entry, "entry").values
    dtype: Any = "int64" if "integer" in entry else "float64"
    made = make_values(values, raw_words(1, "own", np.arange(50_000)), dtype).to_numpy()
    assert made.mean() == pytest.approx(mean, abs=5 * sd / 50_000**0.5)
    assert made.std() == pytest.approx(sd, rel=0.03)


def test_shares_of_choices_flags_and_gaps_are_those_of_the_profile(tmp_path: Path) -> None:
    recipe = write_recipe(20_000, **drawn_catalogue(tmp_path, NO_FAKER), image_size=None)
    table = Maker(recipe).piece(0, 20_000).table
    assert np.mean([value == "spring" for value in table["season"].to_pylist()]) == pytest.approx(
        0.75, abs=0.02
    )
    assert np.mean(table["returnable"].to_pylist()) == pytest.approx(0.8, abs=0.02)
    assert np.mean([value == "-" for value in table["label_text"].to_pylist()]) == pytest.approx(
        0.2, abs=0.02
    )
