"""Hand-made features, on pictures of which every figure is known."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from datagen.report.pictures.features import COLUMNS, HEIGHT, STATISTICS, WIDTH, features, pixels_of

BACKDROP, SUBJECT = (230, 230, 230), (200, 40, 40)


def statistics(picture: Image.Image) -> dict[str, float]:
    (row,) = features([pixels_of(picture)])
    return dict(zip(STATISTICS, row[: len(STATISTICS)].tolist(), strict=True))


def box_on_a_backdrop(size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A red box over the middle third of the width and the middle half of the height."""
    picture = Image.new("RGB", size, BACKDROP)
    width, height = size
    picture.paste(SUBJECT, (width // 3, height // 4, 2 * width // 3, 3 * height // 4))
    return picture


def test_a_box_is_measured() -> None:
    found = statistics(box_on_a_backdrop())
    assert abs(found["subject share"] - 1 / 6) < 0.01
    assert abs(found["subject width"] - 1 / 3) < 0.02
    assert abs(found["subject height"] - 1 / 2) < 0.02
    assert found["subject off centre"] < 0.01
    assert found["asymmetry"] < 0.02
    assert found["backdrop brightness"] == 230
    assert found["backdrop grain"] == 0
    assert abs(found["saturation"] - 160) < 1
    assert found["contrast"] < 1
    assert found["outline strength"] > 30


def test_size_and_proportions_change_little() -> None:
    small, large = (statistics(box_on_a_backdrop(size)) for size in ((90, 90), (600, 800)))
    for name in ("subject share", "subject width", "brightness", "saturation", "backdrop brightness"):
        assert abs(small[name] - large[name]) < 0.05 * max(1, abs(large[name])), name


def test_slope_grain_and_halo_of_a_backdrop() -> None:
    plain = np.asarray(box_on_a_backdrop()).astype(np.float32)
    slope = plain + np.linspace(-20, 0, HEIGHT)[:, None, None]
    assert abs(statistics(Image.fromarray(slope.astype(np.uint8)))["backdrop slope"] - 20) < 1.5
    noise = np.random.default_rng(0).normal(0, 4, plain.shape[:2])[:, :, None]
    assert statistics(Image.fromarray(np.clip(plain + noise, 0, 255).astype(np.uint8)))["backdrop grain"] > 2
    dark = plain.copy()
    dark[HEIGHT // 4 - 4 : 3 * HEIGHT // 4 + 4, WIDTH // 3 - 4 : 2 * WIDTH // 3 + 4] -= 8
    dark[HEIGHT // 4 : 3 * HEIGHT // 4, WIDTH // 3 : 2 * WIDTH // 3] = SUBJECT
    assert statistics(Image.fromarray(dark.astype(np.uint8)))["halo"] < -5


def test_an_empty_picture_has_no_subject() -> None:
    found = statistics(Image.new("RGB", (40, 60), BACKDROP))
    assert found["subject share"] == 0
    assert found["saturation"] == 0


@given(arrays(np.uint8, (4, 5, 3), elements=st.integers(0, 255)))
def test_any_picture_gives_finite_features(pixels: np.ndarray) -> None:
    (row,) = features([pixels_of(Image.fromarray(pixels))])
    assert row.shape == (COLUMNS,)
    assert np.isfinite(row).all()
