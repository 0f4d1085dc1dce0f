"""A recipe is checked before anything is made, and cut into shards and pieces without a gap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sets import GARDEN

from datagen.columns.ground_truth import OPTIONS
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe, write_recipe
from datagen.schemas import InputError


@given(st.integers(1, 5000), st.integers(1, 700), st.sampled_from([None, (64, 64), (480, 640), (4096, 4096)]))
def test_shards_and_pieces_cover_every_row_once(
    garden_recipe: Recipe, rows: int, shard_rows: int, size: tuple[int, int] | None
) -> None:
    recipe = Recipe(garden_recipe.schema, garden_recipe.profile, rows, 0, size, 90, shard_rows)
    shards = recipe.shards()
    assert [row for shard in shards for piece in recipe.pieces(shard) for row in piece] == list(range(rows))
    assert all(shard.stop - shard.start <= shard_rows for shard in shards)
    assert shards[-1].name == f"data/train-{len(shards) - 1:05d}-of-{len(shards):05d}.parquet"


@pytest.mark.parametrize("rows", [1, 1000, 3040, 60_000, 500_000])
def test_shards_are_few_enough_for_one_commit(rows: int) -> None:
    for size in (None, (96, 128)):
        assert len(write_recipe(rows, image_size=size).shards()) <= 50


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"rows": 0}, "0 rows"),
        ({"rows": -5}, "-5 rows"),
        ({"rows": 10**9}, "at most"),
        ({"seed": -1}, "seed -1"),
        ({"seed": 2**64}, "seed"),
        ({"image_size": (0, 100)}, "0x100"),
        ({"image_size": (20000, 20000)}, "20000x20000"),
        ({"jpeg_quality": 0}, "quality 0"),
        ({"jpeg_quality": 101}, "quality 101"),
        ({"shard_rows": 0}, "0 rows"),
        ({"rows": 80_000, "image_size": None, "shard_rows": 0}, "0 rows"),
        ({"schema": "burbery"}, "did you mean 'burberry'"),
        ({"profile": "burbery"}, "did you mean 'burberry'"),
        ({"profile": "burberry"}, "for the schema"),
        ({"image_size": None, "attributes": True}, "leave out --no-images"),
        ({"image_size": None, "masks": True}, "leave out --no-images"),
        (
            {"image_size": None, "normals": True, "depth": True},
            "leave out --no-images, or --normals and --depth",
        ),
        ({"where": {"grup": ["Wear"]}}, "did you mean 'group'"),
        ({"where": {"label": ["Wear"]}}, "cannot be selected by 'label'"),
        ({"where": {"group": ["Waer"]}}, "did you mean 'Wear'"),
        ({"where": {"group": ["Carry"], "subgroup": ["Hats"]}}, "no product that matches group=Carry"),
        ({"rows": None}, "give --rows, or --count"),
    ],
)
def test_wrong_options_are_refused_in_one_sentence(options: dict[str, object], named: str) -> None:
    with pytest.raises(InputError) as refused:
        write_recipe(**{"rows": 10, **GARDEN, **options})  # type: ignore[arg-type]
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "option"),
    [("attributes", "attributes"), ("mask", "masks"), ("normals", "normals"), ("depth", "depth")],
)
def test_a_column_of_that_name_leaves_no_place_for_the_ground_truth(
    tmp_path: Path, name: str, option: str
) -> None:
    text = GARDEN["schema"].read_text(encoding="utf-8").replace("name: photo", f"name: {name}")
    (tmp_path / "other.yaml").write_text(text, encoding="utf-8")
    own = {**GARDEN, "schema": tmp_path / "other.yaml"}
    assert write_recipe(5, **own).schema.columns
    with pytest.raises(
        InputError, match=f"column '{name}', which is also the name of a column of ground truth"
    ):
        write_recipe(5, **{option: True}, **own)


def test_ground_truth_changes_no_other_column(garden_recipe: Recipe) -> None:
    options = {name: option.removeprefix("--") for name, option in OPTIONS.items()}
    plain, with_truth = (
        Maker(replace(garden_recipe, image_size=(64, 64), **dict.fromkeys(options.values(), wanted)))
        .piece(5, 9)
        .table
        for wanted in (False, True)
    )
    assert with_truth.column_names == [*plain.column_names, *options]
    assert with_truth.select(plain.column_names).equals(plain)
    for one, option in options.items():
        alone = Maker(replace(garden_recipe, image_size=(64, 64), **{option: True})).piece(5, 9).table
        assert alone.equals(with_truth.select([*plain.column_names, one]))


def test_only_the_asked_categories_are_made() -> None:
    recipe = write_recipe(400, image_size=None, where={"subgroup": ["Hats", "Bags"]}, **GARDEN)
    table = Maker(recipe).piece(0, 400).table
    assert set(table["subgroup"].to_pylist()) == {"Hats", "Bags"}


def test_a_profile_that_draws_an_unknown_word_is_refused_with_and_without_pictures(tmp_path: Path) -> None:
    text = GARDEN["profile"].read_text(encoding="utf-8")
    for old, new, said in (
        (
            "draw: {material: cashmere}",
            "draw: {material: cashmire}",
            "draws 'cashmire'; did you mean 'cashmere'",
        ),
        ("    palette: all", "    drawing: cepe\n    palette: all", "draws 'cepe'; did you mean 'cape'"),
    ):
        assert old in text
        (tmp_path / "own.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
        for size in (None, (64, 64)):
            with pytest.raises(InputError, match=said):
                write_recipe(5, image_size=size, schema=GARDEN["schema"], profile=tmp_path / "own.yaml")


def test_a_schema_without_a_built_in_profile_asks_for_one(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"schema 'garden' of .*garden.yaml; give --profile \S*garden.profile.yaml\."
    ):
        write_recipe(5, schema=GARDEN["schema"])
    (tmp_path / "own.yaml").write_bytes(GARDEN["schema"].read_bytes())
    with pytest.raises(
        InputError, match="give --profile, a YAML file that says what the catalogue looks like"
    ):
        write_recipe(5, schema=tmp_path / "own.yaml")


def test_families_of_pieces_add_up_to_those_of_the_whole(garden_recipe: Recipe) -> None:
    maker = Maker(Recipe(garden_recipe.schema, garden_recipe.profile, 9000, 0, None, 90, 9000))
    whole = maker.piece(0, 9000).families
    assert sum(maker.piece(at, at + 300).families for at in range(0, 9000, 300)) == whole
    assert 0.7 < whole / 9000 < 0.9


@pytest.mark.parametrize(
    ("rows", "size", "expected"),
    [(100_000, (480, 640), 2000), (1_000_000, (480, 640), 10_000), (5_000_000, None, 250_000)],
)
def test_shards_are_few_but_none_is_more_than_a_worker_makes_in_a_minute(
    rows: int, size: tuple[int, int] | None, expected: int
) -> None:
    assert write_recipe(rows, image_size=size).shard_rows == expected
