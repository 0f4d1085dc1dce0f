"""A bad entry of a drawn column in a profile is refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.drawn import drawn_catalogue

from datagen import InputError, make


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
        (_entry(integer={"from": 0, "to": 9, "poisson": {"mean": 1e5}}), "exclude almost all"),
        (_entry(integer={"from": 0, "to": 9, "normal": {"mean": 5, "sd": 0}}), "normal.sd"),
        (
            _entry(integer={"from": 0, "to": 9, "normal": {"mean": 5, "sd": 1}, "poisson": {"mean": 5}}),
            "normal and poisson cannot be combined",
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
        (_dtype("string", text="a", missing=1), "drawn.own.missing"),
        (_entry(integer={"from": 0, "to": 1}, text="a"), "exactly one of"),
        (_entry(), "exactly one of"),
        (_dtype("string", faker="compny"), "did you mean 'company'"),
        (_dtype("string", faker="seed_instance"), "no method 'seed_instance'"),
        (_dtype("string", faker="__class__"), "drawn.own.faker must be text that matches"),
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
    paths = drawn_catalogue(tmp_path, {"own": ("int64", {"integer": {"from": 0, "to": 1}})})
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
