"""The default name of a dataset's folder tells its options, and other options give another name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.generation.folder_name import folder_name
from datagen.schemas.files import safe_file_name


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "shop-30"),
        (
            {"seed": 0, "where": {}, "image_size": (480, 640), "attributes": False, "shard_rows": None},
            "shop-30",
        ),
        ({"seed": 7}, "shop-30-seed7"),
        ({"where": {"group": ["WOMAN"], "subgroup": ["BAGS"]}}, "shop-30-woman-bags"),
        (
            {"where": {"group": "ALL GIFTS"}, "seed": 2, "image_size": None},
            "shop-30-all-gifts-no-images-seed2",
        ),
        ({"attributes": True, "masks": True, "jpeg_quality": 75}, "shop-30-attributes-masks-q75"),
        ({"depth": True, "normals": True}, "shop-30-normals-depth"),
        ({"image_size": (64, 64), "shard_rows": 10}, "shop-30-64x64-by10"),
        ({"where": {"group": ["x" * 41]}}, "shop-30-3ebf8c"),
        ({"an_option_without_words": 5}, "shop-30-b13128"),
    ],
)
def test_names(options: dict[str, Any], name: str) -> None:
    assert folder_name("shop", 30, options) == name


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "seed": st.integers(0, 2**64 - 1),
        "image_size": st.none() | st.tuples(st.integers(64, 4096), st.integers(64, 4096)),
        "where": st.dictionaries(st.sampled_from(["a", "b"]), st.lists(st.text(max_size=30), max_size=9)),
        "attributes": st.booleans(),
        "jpeg_quality": st.integers(1, 100),
        "splits": st.dictionaries(st.sampled_from(["train", "test"]), st.floats(0, 1)),
    },
)


@given(OPTIONS)
def test_every_name_is_short_and_safe(options: dict[str, Any]) -> None:
    name = folder_name("shop", 10**9, options)
    assert safe_file_name(name) == name
    assert len(name) <= 120


@given(OPTIONS, st.sampled_from(["seed", "jpeg_quality", "attributes", "image_size"]))
def test_another_option_gives_another_name(options: dict[str, Any], name: str) -> None:
    others = {"seed": 12345, "jpeg_quality": 33, "attributes": True, "image_size": (99, 98)}
    if options.get(name) != others[name]:
        assert folder_name("shop", 9, options) != folder_name("shop", 9, {**options, name: others[name]})
