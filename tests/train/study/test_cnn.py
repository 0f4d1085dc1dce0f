"""The small network learns from pictures what they show, and nothing where they show nothing."""

import numpy as np
import pytest
import torch
from PIL import Image

from datagen.train.study.cnn import HEIGHT, WIDTH, Examples, Learned, augmented, fit, pixels_of, predict


def shapes(count: int, seed: int) -> Examples:
    """Dark discs and bars on light ground; larger ones cost more."""
    draw = np.random.default_rng(seed)
    across, down = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    pixels = np.full((count, 3, HEIGHT, WIDTH), 230, dtype=np.uint8)
    labels, sizes = draw.integers(0, 2, count), draw.uniform(4, 12, count)
    for at in range(count):
        x, y = draw.uniform(12, 24), draw.uniform(16, 32)
        disc = (across - x) ** 2 + (down - y) ** 2 < sizes[at] ** 2
        bar = (abs(across - x) < sizes[at] / 3) & (abs(down - y) < sizes[at] * 1.6)
        pixels[at][:, bar if labels[at] else disc] = draw.integers(0, 90, (3, 1))
    return Examples(pixels, labels, np.log(sizes))


@pytest.fixture(scope="module")
def examples() -> Examples:
    return shapes(256, seed=1)


@pytest.fixture(scope="module")
def learned(examples: Examples) -> Learned:
    return fit(examples, 2, seed=0, steps=60, batch=16)


def test_it_reads_category_and_price_off_new_pictures(learned: Learned) -> None:
    new = shapes(200, seed=2)
    found = predict(learned, new.pixels)
    assert (found.categories == new.categories).mean() > 0.9
    assert np.corrcoef(found.log_prices, new.log_prices)[0, 1] > 0.6
    assert np.allclose(found.probabilities.sum(axis=1), 1)


def test_mirrored_pictures_get_the_same_answers(learned: Learned, examples: Examples) -> None:
    one = predict(learned, examples.pixels[:20])
    mirrored = predict(learned, examples.pixels[:20, :, :, ::-1].copy())
    assert np.allclose(one.probabilities, mirrored.probabilities, atol=1e-5)
    assert np.allclose(one.log_prices, mirrored.log_prices, atol=1e-5)


def test_equal_seeds_give_equal_answers_and_others_do_not(examples: Examples) -> None:
    before = torch.random.get_rng_state()
    one, same, other = (
        predict(fit(examples, 2, seed=seed, steps=4, batch=8), examples.pixels[:8]).probabilities
        for seed in (0, 0, 1)
    )
    assert (one == same).all()
    assert (one != other).any()
    assert torch.equal(before, torch.random.get_rng_state())


def test_unknown_categories_and_prices_are_left_out(examples: Examples) -> None:
    unknown = np.full(len(examples), np.nan)
    priceless = fit(Examples(examples.pixels, examples.categories, unknown), 2, seed=0, steps=3, batch=8)
    assert np.isfinite(predict(priceless, examples.pixels[:4]).probabilities).all()
    nameless = fit(
        Examples(examples.pixels, np.full(len(examples), -1), examples.log_prices),
        2,
        seed=0,
        steps=3,
        batch=8,
    )
    assert np.isfinite(predict(nameless, examples.pixels[:4]).log_prices).all()
    with pytest.raises(ValueError, match="nothing to learn"):
        fit(examples.take(np.array([], dtype=np.int64)), 2, seed=0)


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (1, 500), (36, 48), (7, 3)])
def test_pictures_of_any_size_are_seen_whole_on_their_own_ground(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, (10, 200, 30))
    pixels = pixels_of([picture])
    assert pixels.shape == (1, 3, HEIGHT, WIDTH)
    assert (pixels[0].reshape(3, -1).T == (10, 200, 30)).all()
    assert pixels_of([]).shape == (0, 3, HEIGHT, WIDTH)


def test_augmentation_changes_every_picture_and_keeps_its_shape(examples: Examples) -> None:
    pixels = torch.from_numpy(examples.pixels[:16])
    changed = augmented(pixels, torch.Generator().manual_seed(0))
    assert changed.shape == pixels.shape
    assert changed.isfinite().all()
    plain = pixels.float() / 127.5 - 1
    assert ((changed - plain).abs().amax(dim=(1, 2, 3)) > 0.05).all()


def test_a_network_goes_on_from_another_and_leaves_it_as_it_is(learned: Learned, examples: Examples) -> None:
    before = predict(learned, examples.pixels[:8])
    further = fit(examples, 2, seed=1, steps=2, batch=8, start=learned)
    assert (predict(learned, examples.pixels[:8]).probabilities == before.probabilities).all()
    assert (further.price_mean, further.price_deviation) == (learned.price_mean, learned.price_deviation)
    anew = fit(examples, 2, seed=1, steps=2, batch=8)
    right = [
        (predict(one, examples.pixels).categories == examples.categories).mean() for one in (further, anew)
    ]
    assert right[0] > 0.8 > right[1]
