"""From a product to its picture: repeatable bytes, exact sizes, bounded caches, clear errors."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from datagen.product import vocabulary
from datagen.product.product import Colourway, House, Product
from datagen.render import scene
from datagen.render.composed import dressing
from datagen.render.silhouettes import CUTS

pytestmark = pytest.mark.usefixtures("silhouettes")

HOUSE = House("Aldermere & Vane", "AV")
HONEY = Colourway("honey", (196, 164, 120), (60, 48, 40), (236, 230, 216), (176, 52, 48))
COAT = Product(0, "trench_coat", "woman", "regular", "none", "check", "gabardine", HONEY, 17, 23)
SIZE = (96, 128)


def digest(product: Product, size: tuple[int, int] = SIZE) -> str:
    return hashlib.sha256(scene.jpeg(product, HOUSE, size)).hexdigest()


def test_a_product_gives_the_same_bytes_whatever_was_drawn_before() -> None:
    first = digest(COAT)
    for kind in ("tote", "sneakers", "scarf"):
        digest(replace(COAT, kind=kind))
    assert digest(COAT) == first
    scene.clear_caches()
    assert digest(COAT) == first


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib\n"
        "from datagen.product.looks import Figures\n"
        "from datagen.product.product import Colourway, House, Product\n"
        "from datagen.render import scene\n"
        "from datagen.render.composed import packshots, wardrobe\n"
        "wardrobe.COMPOSED = packshots.COMPOSED = packshots.GARMENTS = frozenset()\n"
        f"product = {COAT!r}\n"
        f"data = scene.jpeg(product, {HOUSE!r}, {SIZE!r})\n"
        "print(hashlib.sha256(data).hexdigest())\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == digest(COAT)


@pytest.mark.parametrize("size", [(64, 64), (97, 131), (333, 250), (641, 479), (64, 400), (700, 90)])
def test_the_picture_has_exactly_the_requested_size(size: tuple[int, int]) -> None:
    for kind in ("puffer_coat", "tote", "keyring"):
        assert scene.draw(replace(COAT, kind=kind), HOUSE, size).size == size


def test_large_pictures_show_the_same_product() -> None:
    small = scene.draw(replace(COAT, noise=5), HOUSE, (240, 320))
    large = scene.draw(replace(COAT, noise=5), HOUSE, (1200, 1600)).resize((240, 320), Image.Resampling.BOX)
    difference = np.abs(np.asarray(small, dtype=float) - np.asarray(large, dtype=float))
    assert difference.mean() < 9


def test_jpeg_is_a_plain_jpeg_without_metadata() -> None:
    picture = Image.open(io.BytesIO(scene.jpeg(COAT, HOUSE, SIZE)))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", SIZE)
    assert not picture.getexif()


def test_a_drawn_picture_may_be_changed_by_its_caller() -> None:
    mine = scene.draw(COAT, HOUSE, SIZE)
    before = mine.tobytes()
    scene.draw(replace(COAT, kind="tote"), HOUSE, SIZE)
    assert mine.tobytes() == before


@pytest.mark.parametrize(
    ("field", "wrong", "near"),
    [
        ("kind", "trench_coats", "trench_coat"),
        ("wearer", "women", "woman"),
        ("size", "longer", "long"),
        ("detail", "belt", "belted"),
        ("pattern", "checks", "check"),
        ("material", "coton", "cotton"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest_known_one(field: str, wrong: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"{wrong}.*{near}"):
        scene.draw(replace(COAT, **{field: wrong}), HOUSE, SIZE)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(63, 100), (100, 4097)])
def test_sizes_outside_the_limits_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="outside 64 to 4096"):
        scene.draw(COAT, HOUSE, size)


def test_the_cache_of_stencils_stays_within_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    scene.clear_caches()
    monkeypatch.setattr(scene._stencils.recent, "limit", 100_000)
    monkeypatch.setattr(scene._stencils.packed, "limit", 20_000)
    for cut in range(24):
        for _ in range(2):  # what is asked for twice is packed
            scene.draw(replace(COAT, cut=cut, kind=("tote", "shirt", "cap")[cut % 3]), HOUSE, (120, 160))
        assert scene._stencils.recent.size <= 100_000
        assert scene._stencils.packed.size <= 20_000
    assert scene._stencils.recent.entries
    assert scene._stencils.packed.entries


def test_a_picture_from_a_packed_stencil_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    products = [replace(COAT, kind=kind, worn=worn) for kind in ("tote", "t_shirt") for worn in (False, True)]
    scene.clear_caches()
    monkeypatch.setattr(scene._stencils.recent, "limit", 1)
    # What is asked for twice is packed.
    fresh = [np.asarray(scene.draw(product, HOUSE, SIZE)) for product in products for _ in range(2)][::2]
    monkeypatch.setattr(scene, "cut_stencil", None)
    monkeypatch.setattr(dressing, "dressed", None)
    again = [np.asarray(scene.draw(product, HOUSE, SIZE)) for product in products]
    assert all(np.array_equal(one, other) for one, other in zip(fresh, again, strict=True))


def test_the_drawing_key_is_of_what_affects_the_shape() -> None:
    assert scene.drawing_key(COAT)[0] == COAT.kind
    same = replace(COAT, noise=99, row=4, pattern="stripe", material="wool", detail="logo")
    assert scene.drawing_key(same) == scene.drawing_key(COAT)
    others = [replace(COAT, kind="tote"), replace(COAT, wearer="man"), replace(COAT, size="long")]
    every = [*others, *(replace(COAT, cut=cut) for cut in range(40))]
    assert len({scene.drawing_key(other) for other in every}) == len(others) + CUTS


def test_products_with_the_same_drawing_key_share_a_stencil() -> None:
    scene.clear_caches()
    drawn = [replace(COAT, cut=cut, noise=cut, wearer=("woman", "man")[cut % 2]) for cut in range(12)]
    for product in drawn:
        scene.draw(product, HOUSE, SIZE)
    assert len(scene._stencils.recent.entries) == len({scene.drawing_key(product) for product in drawn})


def test_noise_changes_the_light_and_cut_changes_the_shape() -> None:
    seen = {digest(replace(COAT, noise=noise)) for noise in range(6)}
    assert len(seen) == 6
    shapes = {digest(replace(COAT, cut=cut)) for cut in range(24)}
    assert len(shapes) >= 4


WORDS = {
    "kind": vocabulary.KINDS,
    "wearer": vocabulary.WEARERS,
    "size": vocabulary.SIZES,
    "detail": vocabulary.DETAILS,
    "pattern": vocabulary.PATTERNS,
    "material": vocabulary.MATERIALS,
}
colour = st.tuples(*[st.integers(0, 255)] * 3)
keys = st.integers(0, 2**64 - 1)
products = st.builds(
    Product,
    row=st.integers(0, 10**6),
    colourway=st.builds(Colourway, st.just("any"), colour, colour, colour, colour),
    cut=keys,
    noise=keys,
    **{name: st.sampled_from(sorted(words)) for name, words in WORDS.items()},  # type: ignore[arg-type]
)


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(product=products, size=st.tuples(st.integers(64, 150), st.integers(64, 150)))
def test_any_product_of_known_words_can_be_drawn(product: Product, size: tuple[int, int]) -> None:
    picture = scene.draw(product, HOUSE, size)
    assert picture.size == size
    assert np.asarray(picture).std() > 1.0
