"""Columns of the user's own: drawn as the profile says, the same for ever, and checked by what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from datasets import load_dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from support.drawn import NO_FAKER, OWN, own_catalogue
from support.sets import GARDEN, change_cell, rows_of

from datagen import InputError, make, pull, stream
from datagen.catalogue.importing import ImportRequest, ImportResult
from datagen.columns.drawn_values import make as make_values
from datagen.columns.drawn_values import raw_words
from datagen.columns.rules import rules
from datagen.dataset.export import write_export
from datagen.dataset.folder import open_folder
from datagen.dataset.verify import verify_folder
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe, write_recipe
from datagen.product.drawn import DrawnValues
from datagen.product.profile import Profile, load_profile
from datagen.product.sampler import BLOCK
from datagen.schemas import Schema, load_schema
from datagen.schemas.keyed import words
from datagen.schemas.schema import Drawn, schema_digest
from datagen.schemas.yaml_file import parse_yaml, to_yaml, validate


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return own_catalogue(tmp_path_factory.mktemp("own"), OWN)


@pytest.fixture(scope="module")
def own_set(own: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 rows without pictures in four shards; not to be changed."""
    return make(200, tmp_path_factory.mktemp("set") / "own", **own, image_size=None, shard_rows=50).path


# The whole way


def test_a_set_with_drawn_columns_is_whole_and_loads(own_set: Path) -> None:
    assert verify_folder(own_set).whole
    loaded = load_dataset(str(own_set), split="train")
    assert {name: loaded.features[name].dtype for name in OWN} == {
        name: dtype for name, (dtype, _) in OWN.items()
    }
    columns = {name: set(loaded[name]) for name in OWN}
    assert columns["season"] == {"spring", "summer"}
    assert columns["shoe_size"] == {36.0, 37.5, 40.0}
    assert columns["boxes"] == {1, 2}
    assert columns["checked_on"] == {"2020-02-29"}
    assert columns["returnable"] == {True, False}
    assert "-" in columns["label_text"]  # the catalogue's text for what is missing
    assert all(text == "-" or " #" in text for text in columns["label_text"])
    assert columns["bought"] <= set(range(1, 7))
    assert all(isinstance(day, date) for day in columns["listed_on"])
    assert max(columns["stock_level"]) > 350


@pytest.mark.parametrize("to", ["csv", "imagefolder"])
def test_an_export_pulls_in_as_the_same_values(to: Any, own: dict[str, Path], tmp_path: Path) -> None:
    size = None if to == "csv" else (64, 64)
    made = make(12, tmp_path / "own", **own, image_size=size).path
    out = write_export(made, to, tmp_path / "out")
    source = out / "out.csv" if to == "csv" else out / "train"
    got = pull(str(source), tmp_path / "pulled", ImportRequest(schema=own["schema"], pictures=False))
    assert isinstance(got, ImportResult)
    assert got.rejected == 0
    assert verify_folder(got.path).whole
    for before, after in zip(rows_of(made), rows_of(got.path), strict=True):
        assert {name: before[name] for name in OWN} == {name: after[name] for name in OWN}
    assert len(open_folder(got.path).schema.of(Drawn)) == len(OWN)


def test_real_rows_may_have_any_value_of_the_dtype(own: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text(
        "sku,label,stock_level,listed_on,returnable,supplier\n"
        "a,Bag,9999,1999-12-31,no,\nb,Hat,many,2020-01-01,yes,x\nc,Cap,3,2020-13-01,yes,x\nd,Tie,3,2020-01-01,maybe,x\n",
        encoding="utf-8",
    )
    got = pull(
        str(tmp_path / "real.csv"), tmp_path / "pulled", ImportRequest(schema=own["schema"], pictures=False)
    )
    assert isinstance(got, ImportResult)
    (row,) = rows_of(got.path)
    assert row == {
        "sku": "a",
        "label": "Bag",
        "stock_level": 9999,
        "listed_on": date(1999, 12, 31),
        "returnable": False,
        "supplier": "-",
    }
    assert got.reasons == {
        "stock_level is not a number": 1,
        "listed_on is not a date": 1,
        "returnable is neither 0 nor 1": 1,
    }


def test_streamed_rows_are_those_that_are_made(own: dict[str, Path], own_set: Path) -> None:
    assert list(stream(30, start=40, **own, image_size=None)) == rows_of(own_set)[40:70]


def test_the_card_says_what_a_drawn_column_keeps(own_set: Path) -> None:
    card = (own_set / "README.md").read_text(encoding="utf-8")
    assert "| `stock_level` | int64 |  | is a whole number from 0 to 400 |" in card
    assert "| `label_text` | string |  | follows the template {tone} \\#? {tone}, or is - |" in card
    assert "| `returnable` | bool |  | drawn as the profile says |" in card


# Keys


def test_the_first_values_are_these_for_ever(own: dict[str, Path]) -> None:
    # A change here changes every dataset that has such a column: it needs a new major version.
    table = Maker(write_recipe(3, **own, image_size=None)).piece(0, 3).table
    assert {name: table[name].to_pylist() for name in PINNED} == PINNED


PINNED: dict[str, list[Any]] = {
    "stock_level": [111, 290, 356],
    "sold": [17, 14, 7],
    "returned": [0, 1, 0],
    "weight": [4.03, 3.09, 6.41],
    "score": [0.532, 0.205, 0.842],
    "season": ["spring", "spring", "spring"],
    "shoe_size": [37.5, 36.0, 36.0],
    "boxes": [1, 1, 1],
    "listed_on": [date(2020, 11, 3), date(2021, 2, 28), date(2020, 12, 1)],
    "checked_on": ["2020-02-29", "2020-02-29", "2020-02-29"],
    "returnable": [True, True, True],
    "batch": ["SKU-5613", "SKU-3516", "SKU-6237"],
    "label_text": ["-", "warm #W soft", "warm #I soft"],
}


def test_a_drawn_column_shifts_no_other_column(own: dict[str, Path], garden_recipe: Recipe) -> None:
    with_own = Maker(write_recipe(50, **own, image_size=None)).piece(0, 50).table
    without = Maker(write_recipe(50, **GARDEN, image_size=None)).piece(0, 50).table  # type: ignore[arg-type]
    assert with_own.select(without.column_names).equals(without)
    fewer = {name: OWN[name] for name in ("weight", "supplier")}
    folder = own["schema"].parent / "fewer"
    folder.mkdir()
    alone = Maker(write_recipe(50, **own_catalogue(folder, fewer), image_size=None)).piece(0, 50).table
    assert alone.equals(with_own.select(alone.column_names))


def test_a_value_depends_on_seed_column_and_row_alone() -> None:
    rows = np.arange(2 * BLOCK + 10)
    whole = raw_words(5, "a", rows)
    assert whole[BLOCK : BLOCK + 3].tolist() == words(5, "drawn/a", 1, 3).tolist()
    assert raw_words(5, "a", rows[BLOCK - 2 : BLOCK + 5]).tolist() == whole[BLOCK - 2 : BLOCK + 5].tolist()
    assert not set(raw_words(5, "b", rows).tolist()) & set(whole.tolist())
    assert not set(raw_words(6, "a", rows).tolist()) & set(whole.tolist())
    assert raw_words(5, "a", rows[:0]).tolist() == []


def test_profiles_and_schemas_without_drawn_columns_keep_their_digests(garden_profile: Profile) -> None:
    # As they were before the role existed: manifests of earlier sets hold them.
    assert load_profile("burberry").digest().startswith("f785a90b7b64")
    assert garden_profile.digest().startswith("e058c5c2cf55")
    assert schema_digest(load_schema("burberry")).startswith("ef5fffb00f96")
    assert "drawn" not in to_yaml(garden_profile)


def test_a_profile_with_drawn_values_reads_back_equal(own: dict[str, Path]) -> None:
    profile = load_profile(own["profile"])
    again = validate(Profile, parse_yaml(to_yaml(profile), "f"), "f")
    assert again == profile
    assert again.digest() == profile.digest() != load_profile(GARDEN["profile"]).digest()


# Rules


FAULTS: list[tuple[str, object]] = [
    ("stock_level", 401),
    ("stock_level", -1),
    ("weight", 0.09),
    ("weight", 1.001),
    ("weight", float("nan")),
    ("season", "winter"),
    ("season", "never"),
    ("shoe_size", 37.0),
    ("boxes", 3),
    ("listed_on", date(2024, 1, 1)),
    ("checked_on", "2020-02-30"),
    ("checked_on", "2020-02-29 "),
    ("batch", "SKU-12345"),
    ("batch", "SKU-123x"),
    ("batch", "-"),
    ("label_text", "soft #q warm"),
    ("label_text", ""),
    ("supplier", "x" * 2001),
]


@pytest.mark.parametrize(("column", "value"), FAULTS)
def test_a_value_that_the_profile_does_not_allow_is_found(
    own: dict[str, Path], tmp_path: Path, column: str, value: object
) -> None:
    folder = make(10, tmp_path / "own", **own, image_size=None, shard_rows=10).path
    change_cell(folder, 4, column, value)
    verdict = verify_folder(folder)
    assert {(breach.row, breach.column) for breach in verdict.breaches} == {(4, column)}


# Bad input


def _entry(**changes: object) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def change(schema: dict[str, Any], profile: dict[str, Any]) -> None:
        profile["drawn"]["own"] = changes

    return change


def _dtype(dtype: str, **entry: object) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def change(schema: dict[str, Any], profile: dict[str, Any]) -> None:
        schema["columns"][-2]["dtype"] = dtype
        profile["drawn"]["own"] = entry

    return change


def _no_entry(schema: dict[str, Any], profile: dict[str, Any]) -> None:
    profile["drawn"] = {"won": {"integer": {"from": 0, "to": 1}}}
    schema["columns"].insert(0, {"name": "won", "role": "drawn", "dtype": "int64"})


def _no_column(schema: dict[str, Any], profile: dict[str, Any]) -> None:
    del schema["columns"][-2]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_no_entry, "own of the schema garden is drawn, but the profile garden has no entry"),
        (_no_column, "draws values for 'own', but the schema garden has no such column"),
        (_dtype("string", integer={"from": 0, "to": 1}), "makes values of the dtype int64"),
        (_dtype("int64", choice=["a", 1]), "not a int64"),
        (_dtype("float64", choice=["inf"]), "not a float64"),
        (_entry(integer={"from": 2, "to": 1}), "from must not be above to"),
        (_entry(integer={"from": 0, "to": 10**16}), "drawn.own.integer.to"),
        (_entry(integer={"from": 0, "to": 1.5}), "drawn.own.integer.to"),
        (_entry(integer={"from": 0}), "drawn.own.integer.to"),
        (_entry(integer={"from": 0, "to": 9, "poisson": {"mean": 1e5}}), "next to nothing"),
        (_entry(integer={"from": 0, "to": 9, "normal": {"mean": 5, "sd": 0}}), "normal.sd"),
        (
            _entry(integer={"from": 0, "to": 9, "normal": {"mean": 5, "sd": 1}, "poisson": {"mean": 5}}),
            "normal and poisson cannot hold at once",
        ),
        (_dtype("float64", float={"from": 0.01, "to": 0.04, "decimals": 1}), "no value lies between"),
        (_dtype("float64", float={"from": 0, "to": 1e12, "decimals": 9}), "too many"),
        (_dtype("float64", float={"from": float("nan"), "to": 1}), "drawn.own.float.from"),
        (_dtype("string", choice={"a": 0, "b": 0}), "at least one entry must have a weight above 0"),
        (_dtype("string", choice={"a": -1}), "drawn.own.choice"),
        (_dtype("string", choice=[]), "drawn.own.choice"),
        (_dtype("string", choice=[True]), "in quotes"),
        (_dtype("date32", date={"from": "2021-01-01", "to": "2020-01-01"}), "is after"),
        (_dtype("date32", date={"from": "soon", "to": "2020-01-01"}), "drawn.own.date.from"),
        (_dtype("bool", boolean=1.5), "drawn.own.boolean"),
        (_dtype("string", text=""), "drawn.own.text"),
        (_dtype("string", text="a{b}"), "'b'"),
        (_dtype("string", text="a}"), "stray '}' at character 2"),
        (_dtype("string", text={"template": "a", "words": {"b": ["c"]}}), "does not use the list b"),
        (_dtype("string", text={"template": "{b}", "words": {"b": []}}), "has no words"),
        (_dtype("string", text={"template": "{b}" * 100, "words": {"b": ["x" * 100]}}), "2,000 characters"),
        (_dtype("string", text={"template": "{b}", "words": {"b": ["x" * 100] * 2001}}), "200,000 letters"),
        (_entry(integer={"from": 0, "to": 1}, missing=0.5), "missing needs a string column"),
        (_dtype("string", text="a", missing=1), "drawn.own.missing"),
        (_entry(integer={"from": 0, "to": 1}, text="a"), "exactly one of"),
        (_entry(), "exactly one of"),
        (_dtype("string", faker="compny"), "did you mean 'company'"),
        (_dtype("string", faker="seed_instance"), "no method 'seed_instance'"),
        (_dtype("string", faker="__class__"), "drawn.own.faker.method"),
        (_dtype("string", faker={"method": "company", "locale": "de_XX"}), "no locale 'de_XX'"),
        (_dtype("string", faker={"method": "company", "arguments": {"size": 1}}), "cannot be called"),
        (_dtype("int64", faker="company"), "does not fit a column of the dtype int64"),
        (_dtype("string", faker="random_int"), "does not fit a column of the dtype string"),
        (_dtype("string", faker="binary"), "does not fit a column of the dtype string"),
        (_dtype("date32", faker="past_date"), "reads the clock"),
        (_dtype("date32", faker="future_date"), "reads the clock"),
        (_dtype("date32", faker="date_this_year"), "reads the clock"),
        (_dtype("float64", faker="unix_time"), "reads the clock"),
        (_dtype("string", faker="credit_card_expire"), "reads the clock"),
    ],
)
def test_a_bad_entry_is_refused_in_one_sentence_and_nothing_is_left(
    change: Callable[[dict[str, Any], dict[str, Any]], None], named: str, tmp_path: Path
) -> None:
    paths = own_catalogue(tmp_path, {"own": ("int64", {"integer": {"from": 0, "to": 1}})})
    schema, profile = (
        yaml.safe_load(paths[which].read_text(encoding="utf-8")) for which in ("schema", "profile")
    )
    change(schema, profile)
    for which, value in (("schema", schema), ("profile", profile)):
        paths[which].write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        make(3, tmp_path / "out", **paths, image_size=None)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.profile.yaml", "own.yaml"]


# Any entry


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
    recipe = write_recipe(20_000, **own_catalogue(tmp_path, NO_FAKER), image_size=None)
    table = Maker(recipe).piece(0, 20_000).table
    assert np.mean([value == "spring" for value in table["season"].to_pylist()]) == pytest.approx(
        0.75, abs=0.02
    )
    assert np.mean(table["returnable"].to_pylist()) == pytest.approx(0.8, abs=0.02)
    assert np.mean([value == "-" for value in table["label_text"].to_pylist()]) == pytest.approx(
        0.2, abs=0.02
    )


def test_fakers_values_differ_from_row_to_row_and_follow_the_locale(own_set: Path) -> None:
    rows = rows_of(own_set)
    assert len({row["supplier"] for row in rows}) > 190
    assert any(set(row["town"]) & set("äöüß") for row in rows)


def test_the_manifest_names_fakers_version_where_values_depend_on_it(own_set: Path, tmp_path: Path) -> None:
    assert "faker" in open_folder(own_set).manifest.versions
    quick = make(3, tmp_path / "quick", **own_catalogue(tmp_path, NO_FAKER), image_size=None).path
    assert "faker" not in open_folder(quick).manifest.versions
