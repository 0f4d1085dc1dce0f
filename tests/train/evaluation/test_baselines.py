"""Baselines: what the majority says, and which picture is nearest."""

from __future__ import annotations

import io
import tracemalloc
from collections import Counter
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps
from sklearn.neighbors import NearestNeighbors
from support.sets import rows_of

from datagen.schemas import InputError
from datagen.train.chat.conversation import Fields, Template
from datagen.train.data.picture_features import picture_features
from datagen.train.evaluation.baselines import LEAST_SPREAD, majority, nearest, nearest_rows
from datagen.train.evaluation.scoring import score

TEMPLATE = Template()
GARDEN = Template(
    answer="{label}, of {subgroup}, for {list_eur:.2f} EUR",
    title="label",
    category="subgroup",
    price="list_eur",
    image="picture",
)
COLOURS, MEANS, DEVIATIONS, EDGES = slice(0, 64), slice(64, 112), slice(112, 128), slice(128, 256)


def fields(title: str, category: str, price: float | None) -> Fields:
    return {"title": title, "category3_code": category, "full_price": price}


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    into = io.BytesIO()
    image.save(into, kind)
    return into.getvalue()


def drawn(seed: int = 0, size: tuple[int, int] = (80, 60)) -> Image.Image:
    """A few coloured boxes on white, more of them on the left."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for _ in range(5):
        left, top = (int(rng.integers(0, length // 2)) for length in size)
        colour = tuple(int(part) for part in rng.integers(0, 256, 3))
        draw.polygon([(left, top), (left + 25, top + 5), (left + 9, top + 25)], fill=colour)
    return image


def test_the_majority_says_the_same_of_everything() -> None:
    rows = [
        fields("Coat", "A", 100.0),
        fields("Coat", "A", None),
        fields("Cape", "A", 400.0),
        fields("Cap", "B", 1.0),
        fields("Cap", "B", 1.0),
    ]
    assert majority(rows, TEMPLATE) == fields("Coat", "A", 250.0)
    assert majority(rows[::-1], TEMPLATE) == fields("Coat", "A", 250.0)
    assert majority(rows[3:4], TEMPLATE) == rows[3]


def test_among_equals_the_majority_is_the_first_in_the_alphabet() -> None:
    rows = [
        fields("Tie", "B", None),
        fields("Scarf", "A", None),
        fields("Cap", "A", None),
        fields("Tie", "B", None),
    ]
    assert majority(rows, TEMPLATE) == fields("Cap", "A", None)
    assert majority(rows[::-1], TEMPLATE) == fields("Cap", "A", None)


def test_without_a_category_the_majority_is_that_of_all_rows() -> None:
    template = Template(answer="{title} costs {full_price}")
    rows: list[Fields] = [{"title": "Cap", "full_price": price} for price in (1.0, 2.0, 9.0)]
    assert majority([*rows, {"title": "Tie", "full_price": 3.0}], template) == {
        "title": "Cap",
        "full_price": 2.5,
    }


def test_without_training_rows_there_is_no_baseline() -> None:
    for make in (
        lambda: majority([], TEMPLATE),
        lambda: nearest_rows(np.empty((0, 4), np.float32), np.zeros((1, 4), np.float32)),
    ):
        with pytest.raises(InputError, match="needs training rows"):
            make()


def test_on_a_made_set_the_majority_is_counted_and_the_nearest_beats_it(other_set: Path) -> None:
    rows = rows_of(other_set)
    known = [GARDEN.fields(row) for row in rows]
    train, held = slice(0, 150), slice(150, 200)
    said = majority(known[train], GARDEN)
    shelf = Counter(one["subgroup"] for one in known[train]).most_common(1)[0]
    mine = [one for one in known[train] if one["subgroup"] == said["subgroup"]]
    assert len(mine) == shelf[1]
    prices = [one["list_eur"] for one in mine if isinstance(one["list_eur"], float)]
    assert said["list_eur"] == median(prices)
    labels = Counter(one["label"] for one in mine)
    assert labels[said["label"]] == max(labels.values())

    features = np.stack([picture_features(row["picture"]) for row in rows])
    found = nearest(known[train], features[train], features[held])
    title_families = np.arange(50)
    right = [
        score(known[held], answers, title_families, GARDEN, resamples=0).estimates["category_accuracy"].value
        for answers in ([said] * 50, [*found])
    ]
    assert right[1] > right[0] + 0.1


def test_the_very_same_picture_is_found(other_set: Path) -> None:
    pictures = [row["picture"] for row in rows_of(other_set)]
    features = np.stack([picture_features(picture) for picture in pictures])
    found = nearest_rows(features, features)
    assert [pictures[at]["bytes"] for at in found] == [picture["bytes"] for picture in pictures]
    stored = picture_features(pictures[7]["bytes"])
    assert np.array_equal(stored, features[7])


def test_the_nearest_row_of_a_copy_is_the_original() -> None:
    rows = [fields("Cap", "A", 1.0), fields("Tie", "B", 2.0)]
    features = np.eye(2, dtype=np.float32)
    said = nearest(rows, features, features[::-1].copy())
    assert said == rows[::-1]
    said[0]["title"] = "changed"
    assert rows[1]["title"] == "Tie"
    assert nearest(rows, features, features[:0]) == []


def test_nearest_rows_are_scikit_learns() -> None:
    rng = np.random.default_rng(3)
    training = (rng.random((700, 9)) * [1, 5, 0.1, 1, 1, 1, 1, 1, 0]).astype(np.float32)
    asked = rng.random((1100, 9)).astype(np.float32)
    spread = np.maximum(training.std(axis=0, dtype=np.float64), LEAST_SPREAD)
    expected = NearestNeighbors(n_neighbors=1).fit(training / spread).kneighbors(asked / spread)[1][:, 0]
    assert np.array_equal(nearest_rows(training, asked), expected)


@given(st.integers(2, 40), st.integers(0, 2**32 - 1))
def test_among_equal_rows_the_first_is_nearest(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    distinct = rng.random((count, 256)).astype(np.float32)
    training = distinct[rng.integers(0, count, 3 * count)]
    for at, row in zip(nearest_rows(training, training).tolist(), training, strict=True):
        assert at == next(first for first, one in enumerate(training) if np.array_equal(one, row))


def test_a_shade_that_training_hardly_knows_does_not_decide() -> None:
    training = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [1.0, 2e-4]], dtype=np.float32)
    assert nearest_rows(training, np.array([[0.1, 2e-4]], dtype=np.float32)).tolist() == [0]


def test_ten_thousand_training_pictures_take_little_memory() -> None:
    rng = np.random.default_rng(0)
    training, asked = (rng.random((count, 256), dtype=np.float32) for count in (10_000, 600))
    tracemalloc.start()
    try:
        found = nearest_rows(training, asked)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) == 600
    assert peak < 200e6


def test_features_are_shares_means_and_edges_in_their_places() -> None:
    features = picture_features(encoded(drawn()))
    assert features.shape == (256,)
    assert features.dtype == np.float32
    assert features.min() >= 0
    assert features.max() <= 1
    assert features[COLOURS].sum() == pytest.approx(1)
    assert features[EDGES].sum() == pytest.approx(1)

    red = picture_features(encoded(Image.new("RGB", (64, 64), "red")))
    assert red[COLOURS].tolist() == [float(at == 3 * 16) for at in range(64)]
    assert red[MEANS].tolist() == [1, 0, 0] * 16
    assert red[DEVIATIONS].max() < 1e-6
    assert not red[EDGES].any()

    upright = Image.new("RGB", (64, 64), "black")
    upright.paste("white", (0, 0, 8, 64))
    edges = picture_features(encoded(upright))[EDGES].reshape(4, 4, 8)
    assert edges[:, 0, 0] == pytest.approx([0.25] * 4)
    lying = picture_features(encoded(upright.transpose(Image.Transpose.ROTATE_270)))[EDGES].reshape(4, 4, 8)
    assert lying[0, :, 4] == pytest.approx([0.25] * 4)


def test_deviation_is_that_of_grey_within_a_cell() -> None:
    noise = Image.effect_noise((64, 64), 80).convert("RGB")
    grey = np.asarray(noise, dtype=float)[..., 0] / 255
    cells = [grey[16 * row : 16 * row + 16, 16 * at : 16 * at + 16] for row in range(4) for at in range(4)]
    features = picture_features(encoded(noise))
    assert features[DEVIATIONS] == pytest.approx([cell.std() for cell in cells], abs=1e-6)
    assert features[MEANS][::3] == pytest.approx([cell.mean() for cell in cells], abs=1e-6)


def test_a_mirrored_picture_and_another_have_other_features() -> None:
    image = drawn()
    own, mirrored, other = (
        picture_features(encoded(one)) for one in (image, ImageOps.mirror(image), drawn(seed=1))
    )
    assert np.abs(own[COLOURS] - mirrored[COLOURS]).max() < 0.01
    for part in (MEANS, EDGES):
        assert np.abs(own[part] - mirrored[part]).max() > 0.02
    assert np.abs(own - other).max() > 0.05


def test_the_same_picture_in_another_size_or_file_has_nearly_the_same_features() -> None:
    image = drawn(size=(64, 64))
    own = picture_features(encoded(image))
    for other in (encoded(image.resize((256, 256))), encoded(image.resize((32, 32))), encoded(image, "WEBP")):
        near, far = (
            np.abs(own - picture_features(one)).sum() for one in (other, encoded(drawn(1, (64, 64))))
        )
        assert near < far / 2


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000), (5, 7), (900, 640)])
def test_pictures_of_any_shape_lie_in_the_middle_on_white(size: tuple[int, int]) -> None:
    features = picture_features(encoded(Image.new("RGB", size, "black")))
    scale = 64 / max(size)
    black = max(1, round(size[0] * scale)) * max(1, round(size[1] * scale)) / 64**2
    assert features[0] == pytest.approx(black)
    assert features[63] == pytest.approx(1 - black)


def test_blank_and_missing_pictures_have_features_of_their_own() -> None:
    missing = picture_features(None)
    blank = picture_features(encoded(Image.new("RGB", (30, 30), "white")))
    clear = picture_features(encoded(Image.new("RGBA", (30, 30), (0, 0, 0, 0))))
    assert missing.tolist() == [0] * 256
    assert missing.dtype == np.float32
    assert np.array_equal(blank, clear)
    training = np.stack([picture_features(encoded(drawn())), blank, missing])
    assert nearest_rows(training, np.stack([missing, blank, training[0]])).tolist() == [2, 1, 0]
    assert nearest_rows(np.stack([missing] * 3), np.stack([blank, missing])).tolist() == [0, 0]


@given(st.binary(max_size=80))
def test_files_that_are_not_pictures_are_refused(data: bytes) -> None:
    for value in (data, {"bytes": data, "path": "a.png"}, {"bytes": None, "path": "a.png"}, "a.png", 3):
        with pytest.raises(InputError, match="cannot be read|is missing"):
            picture_features(value)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"]))
def test_a_damaged_picture_is_refused_or_read_and_nothing_else(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    data = bytearray(encoded(drawn(seed), kind))
    for at in rng.integers(0, len(data), 8):
        data[at] = rng.integers(0, 256)
    try:
        features = picture_features(bytes(data[: int(rng.integers(1, len(data) + 1))]))
    except InputError:
        return
    assert features.shape == (256,)
    assert np.isfinite(features).all()
