"""Schemas and profiles of whole tables: of our own catalogues, and of tables of other shapes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from support.sets import garden
from support.shop_rows import NOUNS, fit_file, hardware, roles, shop, write

from datagen.dataset.verify import verify_folder
from datagen.fit.written import loaded, profile_text, schema_text
from datagen.generation.make import write_dataset
from datagen.generation.maker import Maker
from datagen.generation.recipe import write_recipe
from datagen.product.profile import Profile, load_profile
from datagen.schemas import DEFAULT_SCHEMA, InputError, Schema, load_schema
from datagen.schemas.schema import Code, ConvertedPrice, Drawn, Link


def made(fitted: Any, rows: int = 300) -> list[dict[str, Any]]:
    schema, profile = loaded(fitted)
    table = Maker(write_recipe(rows, schema=schema, profile=profile, image_size=None)).piece(0, rows).table
    found: list[dict[str, Any]] = table.to_pylist()
    return found


@pytest.mark.parametrize("built_in", [False, True])
def test_the_roles_of_a_made_catalogue_are_found_and_hold_in_what_is_made(
    built_in: bool, garden_schema: Schema, tmp_path: Path
) -> None:
    options = {"schema": DEFAULT_SCHEMA, "profile": None} if built_in else {}
    source = garden(tmp_path / "source", 1200, image_size=None, shard_rows=2000, **options)
    expected = load_schema(DEFAULT_SCHEMA) if built_in else garden_schema
    fitted = fit_file(source)
    schema, profile = loaded(fitted)
    found, wanted = (
        [(column.name, column.role) for column in each.columns if column.role != "image"]
        for each in (schema, expected)
    )
    assert found == wanted
    assert schema.missing == expected.missing
    for role in (Link, ConvertedPrice):
        for ours, theirs in zip(schema.of(role), expected.of(role), strict=True):
            assert ours.model_dump(exclude={"about"}) == theirs.model_dump(exclude={"about"})
    out = write_dataset(write_recipe(800, schema=schema, profile=profile, image_size=None), tmp_path / "made")
    assert verify_folder(out.path).counts == {}


def test_no_code_is_copied(tmp_path: Path) -> None:
    source = garden(tmp_path / "source", 1200, image_size=None, shard_rows=2000)
    fitted = fit_file(source)
    code = next(each.column for each in fitted.findings if each.role == "code")
    from support.sets import rows_of

    theirs = {row[code] for row in rows_of(source)}
    assert not theirs & {row[code] for row in made(fitted, 3000)}


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_table_without_code_and_link_is_learned_from_any_format(form: str, tmp_path: Path) -> None:
    fitted = fit_file(write(shop(), tmp_path / f"shop.{form}"))
    assert roles(fitted) == {"title": "title", "price": "price", "kind": "category", "image": "image"}
    rows = made(fitted)
    assert {row["kind"] for row in rows} <= {noun.upper() for noun in NOUNS}
    assert all(row["title"].upper().split()[-1] == row["kind"].split()[-1] for row in rows)
    assert len({row["price"] for row in rows}) > 5


@pytest.mark.parametrize("left_out", ["title", "price", "kind"])
def test_a_role_may_be_missing(left_out: str, tmp_path: Path) -> None:
    rows = [{name: value for name, value in row.items() if name != left_out} for row in shop()]
    fitted = fit_file(write(rows, tmp_path / "shop.csv"))
    assert left_out not in roles(fitted)
    assert set(made(fitted)[0]) == {"title", "price", "kind"} - {left_out}


@pytest.mark.parametrize(
    ("says", "wearer"), [("Mens", "man"), ("Menswear", "man"), ("Damen", "woman"), ("Winter", "woman")]
)
def test_a_constant_may_say_who_wears_it_all(says: str, wearer: str, tmp_path: Path) -> None:
    rows = [{**row, "department": says} for row in shop()]
    _, profile = loaded(fit_file(write(rows, tmp_path / "shop.csv")))
    assert {profile.wearer(shelf) for shelf in profile.shelves} == {wearer}


def test_a_german_hardware_shop_is_learned_without_a_known_word(tmp_path: Path) -> None:
    fitted = fit_file(write(hardware(), tmp_path / "laden.csv"))
    assert roles(fitted) == {
        "Artikelnr": "code",
        "Bezeichnung": "title",
        "Preis": "price",
        "Gruppe": "category",
        "Lager": "drawn",
        "Gewicht_kg": "drawn",
        "Datum": "drawn",
        "image": "image",
    }
    rows = made(fitted)
    assert all(row["Artikelnr"].startswith("BM-1") for row in rows)
    assert all(round(row["Preis"] % 1, 2) in (0.9, 0.99, 0.95) for row in rows)
    assert any("Bohrmaschine" in row["Bezeichnung"] for row in rows)


def test_functions_between_columns_hold_in_every_row(tmp_path: Path) -> None:
    draw = random.Random(4)
    sizes = {"S": 36, "M": 38, "L": 40}
    rows = [{**row, "size": (size := draw.choice("SML")), "eu": sizes[size]} for row in shop()]
    fitted = fit_file(write(rows, tmp_path / "shop.csv"))
    schema, _ = loaded(fitted)
    assert [column.dtype for column in schema.of(Drawn) if column.name == "eu"] == ["int64"]
    assert all(row["eu"] == sizes[row["size"]] for row in made(fitted))


@pytest.mark.parametrize(
    ("link", "template"),
    [
        ("https://shop.example/{slug}.html", "https://shop.example/{slug}.html"),
        ("https://shop.example/p/{code}?a={{1}}", "https://shop.example/p/{code}?a={{1}}"),
        ("/item/{code}/{slug}", "/item/{code}/{slug}"),
    ],
)
def test_links_are_found_with_a_title_or_a_code_alone(link: str, template: str, tmp_path: Path) -> None:
    rows = [
        {
            **row,
            "sku": f"K{at * 3:05d}",
            "url": link.format(slug=row["title"].lower().replace(" ", "-"), code=f"K{at * 3:05d}"),
        }
        for at, row in enumerate(shop())
    ]
    if "code" not in link:
        rows = [{name: value for name, value in row.items() if name != "sku"} for row in rows]
    fitted = fit_file(write(rows, tmp_path / "shop.csv"))
    schema, profile = loaded(fitted)
    assert [column.template for column in schema.of(Link)] == [template]
    out = write_dataset(write_recipe(60, schema=schema, profile=profile, image_size=None), tmp_path / "made")
    assert verify_folder(out.path).counts == {}


def test_codes_that_are_in_the_links_alone_are_made_too(tmp_path: Path) -> None:
    rows = [{**row, "url": f"https://shop.example/p/{100000 + 7 * at}"} for at, row in enumerate(shop())]
    fitted = fit_file(write(rows, tmp_path / "shop.csv"))
    schema, _ = loaded(fitted)
    assert schema.one(Code) is None
    assert not {row["url"] for row in made(fitted, 2000)} & {row["url"] for row in rows}


def test_what_cannot_be_modelled_is_named(tmp_path: Path) -> None:
    rows = [
        {**row, "tags": [1, 2], "notes": f"A long text of its own about product {at}. " * 4}
        for at, row in enumerate(shop())
    ]
    fitted = fit_file(write(rows, tmp_path / "shop.parquet"))
    assert {name: role for name, role in roles(fitted).items() if role == "left out"} == {
        "tags": "left out",
        "notes": "left out",
    }
    for text in (schema_text(fitted, "shop"), profile_text(fitted, "shop", 5)):
        assert "# Left out: tags (nested values)." in text
        assert "# Left out: notes (long text)." in text
    as_json = [{**row, "tags": json.dumps(row["tags"])} for row in rows]
    assert roles(fit_file(write(as_json, tmp_path / "shop.csv")))["tags"] == "left out"


def test_the_files_read_back_as_what_was_fitted(tmp_path: Path) -> None:
    fitted = fit_file(write(hardware(), tmp_path / "laden.csv"))
    (tmp_path / "a.yaml").write_text(schema_text(fitted, "laden"), encoding="utf-8")
    (tmp_path / "a.profile.yaml").write_text(profile_text(fitted, "laden", 5), encoding="utf-8")
    assert (load_schema(tmp_path / "a.yaml"), load_profile(tmp_path / "a.profile.yaml")) == loaded(fitted)


def test_every_section_says_where_it_comes_from(tmp_path: Path) -> None:
    profile = loaded(fit_file(write(hardware(), tmp_path / "laden.csv")))[1]
    assert isinstance(profile, Profile)
    for section in (profile, profile.families, profile.prices, profile.codes, *profile.drawn.values()):
        assert section.source == "fitted to 600 rows"


def test_a_given_schema_gets_a_profile(tmp_path: Path, garden_schema: Schema) -> None:
    source = garden(tmp_path / "source", 600, image_size=None, shard_rows=2000)
    schema, profile = loaded(fit_file(source, schema=garden_schema))
    assert schema == garden_schema
    assert profile.schema_name == "garden"
    assert profile.rates["USD"].rate == 1.0837


def test_a_given_schema_that_the_source_does_not_fit_is_refused(
    tmp_path: Path, garden_schema: Schema
) -> None:
    with pytest.raises(InputError, match=r"has no column 'sku' for the schema garden; say with --map"):
        fit_file(write(shop(), tmp_path / "shop.csv"), schema=garden_schema)


def test_too_little_to_learn_from_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^shop.csv has 9 rows, too few to learn from"):
        fit_file(write(shop(9), tmp_path / "shop.csv"))


@pytest.mark.parametrize(
    "change",
    [
        lambda row, at: {**row, "title": "Wool Coat"},
        lambda row, at: {**row, "price": 100},
        lambda row, at: {
            **row,
            "price": "" if at % 5 else row["price"],
            "kind": "" if at % 3 else row["kind"],
        },
        lambda row, at: {"a": 1, "b": "x"},
        lambda row, at: {"a": "", "b": ""},
        lambda row, at: {"kind": row["kind"]},
        lambda row, at: {**row, "title": "红蓝黑白"[at % 4] + "色羊毛大衣"},
    ],
)
def test_odd_tables_work(change: Any, tmp_path: Path) -> None:
    rows = [change(row, at) for at, row in enumerate(shop(200))]
    assert set(made(fit_file(write(rows, tmp_path / "shop.csv")), 50)[0]) == set(rows[0])
