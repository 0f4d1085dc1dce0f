"""Pictures to tiles: equal to the official processor and to a plain restatement; hostile ones."""

from __future__ import annotations

import io
import json
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from datagen.schemas import InputError
from datagen.train.phi3_vision.image_processing import (
    CLIP_MEAN,
    CLIP_STD,
    MOST_PIXELS,
    Phi3VImageProcessor,
    count_slots,
    crops_of,
    lay_out,
)

OFFICIAL = Path(__file__).parents[4] / "shared" / "phi3_vision"
needs_official = pytest.mark.skipif(not OFFICIAL.is_dir(), reason=f"no official files at {OFFICIAL}")
GOLDEN = [("phi3", "wide"), ("phi3", "tall"), ("phi3", "square"), ("phi35", "tall")]


def noise(width: int, height: int, mode: str = "RGB", seed: int = 0) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values).convert(mode)


def as_bytes(image: Image.Image, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def tiny(num_crops: int = 4) -> Phi3VImageProcessor:
    return Phi3VImageProcessor(num_crops=num_crops, num_img_tokens=4, image_size=56)


def restated(image: Image.Image, num_crops: int, side: int) -> torch.Tensor:
    """The official steps one after the other, as plainly as they can be written."""
    standing = image.width < image.height
    if standing:
        image = image.transpose(Image.Transpose.TRANSPOSE)
    ratio = image.width / image.height
    scale = 1
    while scale * np.ceil(scale / ratio) <= num_crops:
        scale += 1
    wide = (scale - 1) * side
    image = image.resize((wide, int(wide / ratio)), Image.Resampling.BILINEAR)
    white = Image.new("RGB", (wide, int(np.ceil(image.height / side) * side)), (255, 255, 255))
    white.paste(image, (0, int((white.height - image.height) / 2)))
    if standing:
        white = white.transpose(Image.Transpose.TRANSPOSE)
    values = torch.tensor(np.array(white)).permute(2, 0, 1).contiguous().float() / 255
    values = (values - torch.tensor(CLIP_MEAN)[:, None, None]) / torch.tensor(CLIP_STD)[:, None, None]
    view = torch.nn.functional.interpolate(values[None], size=(side, side), mode="bicubic")[0]
    tiles = [
        values[:, top : top + side, left : left + side]
        for top in range(0, values.shape[1], side)
        for left in range(0, values.shape[2], side)
    ]
    return torch.stack([view, *tiles])


@needs_official
@pytest.mark.parametrize(("model", "case"), GOLDEN)
def test_equal_to_the_official_processor(model: str, case: str) -> None:
    golden = np.load(OFFICIAL / model / "golden.npz")
    processor = Phi3VImageProcessor.from_pretrained(OFFICIAL / model)
    done = processor(golden[f"{case}.image_png"].tobytes(), num_crops=4, pad_to_num_crops=True)
    assert list(done["pixel_values"].shape) == golden[f"{case}.pixel_values_shape"].tolist()
    assert np.array_equal(
        done["pixel_values"].numpy().ravel()[::997], golden[f"{case}.pixel_values_every_997th"]
    )
    assert np.array_equal(done["image_sizes"], golden[f"{case}.image_sizes"])
    assert done["num_img_tokens"].tolist() == [int((golden[f"{case}.input_ids"] < 0).sum())]


@settings(max_examples=200)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 20), st.sampled_from([28, 56]))
def test_equal_to_a_plain_restatement(width: int, height: int, num_crops: int, side: int) -> None:
    assume(max(width, height) < side * min(width, height))
    processor = Phi3VImageProcessor(num_crops=num_crops, num_img_tokens=4, image_size=side)
    picture = noise(width, height)
    done = processor(picture)
    rows, columns = (done["image_sizes"][0] // side).tolist()
    assert rows * columns <= num_crops
    assert torch.equal(done["pixel_values"][0], restated(picture, num_crops, side))
    assert len(done["pixel_values"][0]) == 1 + rows * columns
    assert done["num_img_tokens"].tolist() == [count_slots(rows, columns, 4)]
    assert processor.count_image_tokens(width, height) == count_slots(rows, columns, 4)


@pytest.mark.parametrize(
    ("width", "height", "num_crops", "tokens"),
    [
        (500, 500, 1, 313),
        (500, 500, 4, 757),
        (500, 500, 16, 2509),
        (800, 600, 16, 1921),
        (600, 800, 16, 1933),
        (1920, 1080, 16, 2353),
        (16, 256, 16, 2653),
    ],
)
def test_tokens_of_known_sizes(width: int, height: int, num_crops: int, tokens: int) -> None:
    assert Phi3VImageProcessor().count_image_tokens(width, height, num_crops) == tokens


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 64))
def test_a_grid_holds_its_picture_and_no_more_tiles_than_allowed(w: int, h: int, num_crops: int) -> None:
    assume(max(w, h) < 336 * min(w, h))
    grid = lay_out(w, h, num_crops, 336)
    long, short = max(grid.rows, grid.columns), min(grid.rows, grid.columns)
    assert grid.rows * grid.columns <= num_crops
    assert grid.resized[0] == long * 336
    assert (short - 1) * 336 < grid.resized[1] <= short * 336
    assert (grid.rows <= grid.columns) == (w >= h) or grid.rows == grid.columns
    wider = long + 1
    assert wider * math.ceil(wider / (max(w, h) / min(w, h))) > num_crops


def test_a_batch_is_its_pictures_one_by_one() -> None:
    pictures = [noise(100, 100), noise(40, 120, seed=1), noise(200, 20, seed=2)]
    processor = tiny(num_crops=6)
    batch = processor(pictures)
    singles = [processor(picture) for picture in pictures]
    assert batch["pixel_values"].shape[1] == max(one["pixel_values"].shape[1] for one in singles)
    for k, one in enumerate(singles):
        tiles = one["pixel_values"].shape[1]
        assert torch.equal(batch["pixel_values"][k, :tiles], one["pixel_values"][0])
        assert not batch["pixel_values"][k, tiles:].any()
        assert torch.equal(batch["image_sizes"][k], one["image_sizes"][0])
        assert batch["num_img_tokens"][k] == one["num_img_tokens"][0]


def test_the_official_shape_is_there_for_who_asks() -> None:
    picture = noise(100, 50)
    few, all_of_them = tiny(9)(picture), tiny(9)(picture, pad_to_num_crops=True)
    assert all_of_them["pixel_values"].shape == (1, 10, 3, 56, 56)
    tiles = few["pixel_values"].shape[1]
    assert tiles < 10
    assert torch.equal(all_of_them["pixel_values"][:, :tiles], few["pixel_values"])


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(1, 16))
def test_automatic_crops_enlarge_by_less_than_a_tile(w: int, h: int, most: int) -> None:
    assume(max(w, h) / min(w, h) < 300)
    crops = crops_of(w, h, most, 336)
    assert 1 <= crops <= most
    grid, largest = lay_out(w, h, crops, 336), lay_out(w, h, most, 336)
    assert grid.resized[0] <= largest.resized[0]
    assert grid.resized[0] < max(w, h) + 336
    if grid.resized != largest.resized:
        assert grid.resized[0] >= max(w, h)  # no pixel is lost that the largest grid would keep


@given(w=st.integers(1, 1344), h=st.integers(1, 1344))
def test_a_square_number_of_crops_cuts_as_automatic_ones_do(w: int, h: int) -> None:
    """What runs tell of programs with the official processor (``elsewhere``): all but long pictures."""
    wanted = -(-max(w, h) // 336)
    assume(max(w, h) / min(w, h) < {1: 300, 2: 3, 3: 2, 4: 5 / 3}[wanted])
    auto = lay_out(w, h, crops_of(w, h, 16, 336), 336)
    assert lay_out(w, h, wanted**2, 336) == auto


@pytest.mark.parametrize(
    ("width", "height", "crops", "tokens"),
    [(480, 640, 4, 757), (64, 64, 1, 313), (336, 336, 1, 313), (337, 336, 4, 757), (1080, 1350, 16, 2509)],
)
def test_automatic_crops_of_known_sizes(width: int, height: int, crops: int, tokens: int) -> None:
    processor = Phi3VImageProcessor(auto_crops=True)
    assert crops_of(width, height, 16, 336) == crops
    assert processor.count_image_tokens(width, height) == tokens
    assert processor.count_image_tokens(width, height, 16) >= tokens  # a number given is kept to


def test_automatic_crops_see_what_that_number_of_crops_sees() -> None:
    processor = Phi3VImageProcessor(num_crops=9, num_img_tokens=4, image_size=56, auto_crops=True)
    for width, height in ((50, 60), (100, 60), (170, 60), (400, 300)):
        picture = noise(width, height)
        fixed = tiny(crops_of(width, height, 9, 56))(picture)
        for name, value in processor(picture).items():
            assert torch.equal(value, fixed[name])
    assert processor(noise(50, 60), num_crops=9)["pixel_values"].shape[1] == 10


def test_automatic_crops_are_saved_and_the_official_file_stays_as_it_is(tmp_path: Path) -> None:
    Phi3VImageProcessor(auto_crops=True).save_pretrained(tmp_path / "auto")
    assert Phi3VImageProcessor.from_pretrained(tmp_path / "auto").auto_crops
    Phi3VImageProcessor().save_pretrained(tmp_path / "fixed")
    assert "auto_crops" not in (tmp_path / "fixed" / "preprocessor_config.json").read_text()
    assert not Phi3VImageProcessor.from_pretrained(tmp_path / "fixed").auto_crops


def test_most_tokens_are_those_of_a_strip() -> None:
    processor = Phi3VImageProcessor()
    for crops in (1, 4, 16):
        most = processor.most_image_tokens(crops)
        sizes = [(336 * n, 336 * crops // n) for n in range(1, crops + 1) if crops % n == 0]
        sizes += [(336, 336 * crops), (500, 900), (900, 500)]
        assert most == max(processor.count_image_tokens(*size, crops) for size in sizes)


def test_num_crops_of_one_call_does_not_change_the_processor() -> None:
    processor = tiny(4)
    assert processor(noise(60, 60), num_crops=1)["pixel_values"].shape[1] == 2
    assert processor(noise(60, 60))["pixel_values"].shape[1] == 5


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "LA", "PA", "RGBA", "RGBa", "CMYK", "YCbCr", "HSV", "I", "F"]
)
def test_a_picture_of_any_mode_is_what_convert_rgb_makes_of_it(mode: str) -> None:
    picture = noise(70, 40, {"PA": "P", "RGBa": "RGBA"}.get(mode, mode)).convert(mode)
    assert torch.equal(tiny()(picture)["pixel_values"], tiny()(picture.convert("RGB"))["pixel_values"])


def test_transparency_is_dropped_and_not_laid_on_a_ground() -> None:
    opaque = noise(64, 48)
    clear = opaque.copy()
    clear.putalpha(0)
    assert torch.equal(tiny()(clear)["pixel_values"], tiny()(opaque)["pixel_values"])
    palette = opaque.convert("P")
    plain = tiny()(palette)["pixel_values"]
    palette.info["transparency"] = bytes(256)
    assert torch.equal(tiny()(palette)["pixel_values"], plain)


def test_a_rotation_noted_in_exif_is_not_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    noise(80, 40).save(buffer, "PNG", exif=exif)
    assert tiny()(buffer.getvalue())["image_sizes"].tolist() == [[56, 112]]


def test_the_same_picture_in_every_form() -> None:
    picture = noise(90, 50)
    values = np.array(picture)
    forms: list[Any] = [
        picture,
        as_bytes(picture),
        {"bytes": as_bytes(picture), "path": None},
        Image.open(io.BytesIO(as_bytes(picture))),
        values,
        values[::-1][::-1],
        np.dstack([values, np.zeros((50, 90), np.uint8)]),
        torch.tensor(values).permute(2, 0, 1),
    ]
    done = tiny()(forms)
    assert all(torch.equal(done["pixel_values"][0], one) for one in done["pixel_values"])
    grey = tiny()(
        [np.array(picture.convert("L")), np.array(picture.convert("L"))[..., None], picture.convert("L")]
    )
    assert all(torch.equal(grey["pixel_values"][0], one) for one in grey["pixel_values"])


def test_a_picture_is_left_as_it_was() -> None:
    picture = noise(56, 56)
    before = picture.tobytes()
    tiny(1)(picture)
    assert picture.tobytes() == before


def test_numpy_on_request() -> None:
    done = tiny()(noise(60, 60), return_tensors="np")
    assert {type(value) for value in done.values()} == {np.ndarray}


def bomb(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that promises width x height pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


HOSTILE: dict[str, tuple[Any, str]] = {
    "empty bytes": (b"", "cannot be read"),
    "no picture": (b"<html>404</html>", "cannot be read"),
    "truncated png": (as_bytes(noise(50, 50))[:2000], "cannot be read"),
    "truncated jpeg": (as_bytes(noise(50, 50), "JPEG")[:1500], "cannot be read"),
    "truncated, opened": (Image.open(io.BytesIO(as_bytes(noise(50, 50))[:2000])), "cannot be read"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "cannot be read"),
    "a kind not read": (as_bytes(noise(50, 50), "PCX"), "cannot be read"),
    "bomb": (bomb(100_000, 100_000), "more than 89,478,485 pixels"),
    "small bomb": (bomb(9_500, 9_500), "more than 89,478,485 pixels"),
    "no pixels": (Image.new("RGB", (0, 7)), "0 x 7 pixels"),
    "no values": (np.zeros((0, 5, 3), np.uint8), "pixels"),
    "strip": (Image.new("RGB", (1, 10_000)), "too narrow"),
    "floats": (np.zeros((5, 5, 3), np.float32), "float32"),
    "float tensor": (torch.zeros(3, 5, 5), "float32"),
    "bfloat16 tensor": (torch.zeros(3, 5, 5, dtype=torch.bfloat16), "bfloat16"),
    "flat": (np.zeros(5, np.uint8), "array of shape (5,)"),
    "batch of tensors": (torch.zeros(2, 3, 5, 5, dtype=torch.uint8), "tensor of shape (2, 3, 5, 5)"),
    "channels first": (np.zeros((3, 20, 30), np.uint8), "array of shape (3, 20, 30)"),
    "channels last": (torch.zeros(20, 30, 3, dtype=torch.uint8), "tensor of shape (20, 30, 3)"),
    "file name": ("picture.png", "str"),
    "path of a dataset": ({"bytes": None, "path": "picture.png"}, "without bytes"),
    "nothing": (None, "NoneType"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_picture_is_refused_in_a_sentence_that_says_which(name: str) -> None:
    picture, reason = HOSTILE[name]
    with pytest.raises(InputError) as caught:
        tiny()([noise(20, 20), picture, noise(20, 20)])
    message = str(caught.value)
    assert message.startswith("picture 2 of 3: the picture ")
    assert reason in message
    assert "\n" not in message


def test_no_picture_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="no picture"):
        tiny()([])


@pytest.mark.parametrize("form", ["opened", "bytes", "array"])
def test_a_picture_of_any_form_is_bounded(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    large = noise(50, 40)
    given = {"opened": large, "bytes": as_bytes(large), "array": np.array(large)}[form]
    monkeypatch.setattr("datagen.train.phi3_vision.image_processing.MOST_PIXELS", 1999)
    with pytest.raises(InputError, match="more than"):
        tiny()(given)


def test_a_picture_just_small_enough_is_opened() -> None:
    side = math.isqrt(MOST_PIXELS)
    with pytest.raises(InputError, match="cannot be read"):  # and not "more than": its pixels are missing
        tiny()(bomb(side, side))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"num_crops": 0}, "num_crops"),
        ({"num_crops": "16"}, "num_crops"),
        ({"num_crops": True}, "num_crops"),
        ({"num_crops": 10**9}, "num_crops"),
        ({"image_mean": [0.5, 0.5]}, "image_mean"),
        ({"image_mean": "abc"}, "image_mean"),
        ({"image_std": [1, 1, 0]}, "image_std"),
        ({"image_std": [1, 1, math.nan]}, "image_std"),
        ({"num_img_tokens": 143}, "num_img_tokens"),
        ({"num_img_tokens": -4}, "num_img_tokens"),
        ({"num_img_tokens": "144"}, "num_img_tokens"),
        ({"image_size": 0}, "image_size"),
        ({"image_size": 10**9}, "image_size"),
    ],
)
def test_a_hostile_configuration_is_refused(tmp_path: Path, changes: dict[str, Any], name: str) -> None:
    tiny().save_pretrained(tmp_path)
    file = tmp_path / "preprocessor_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    with pytest.raises(InputError, match=name):
        Phi3VImageProcessor.from_pretrained(tmp_path)


@needs_official
@pytest.mark.parametrize(("model", "num_crops"), [("phi3", 16), ("phi35", 4)])
def test_the_official_configuration_is_read_and_written_back(
    tmp_path: Path, model: str, num_crops: int
) -> None:
    processor = Phi3VImageProcessor.from_pretrained(OFFICIAL / model)
    assert (processor.num_crops, processor.num_img_tokens, processor.image_size) == (num_crops, 144, 336)
    processor.save_pretrained(tmp_path)
    written = json.loads((tmp_path / "preprocessor_config.json").read_text())
    official = json.loads((OFFICIAL / model / "preprocessor_config.json").read_text())
    ignored = {"auto_map", "processor_class", "do_convert_rgb"}
    assert written == {key: official[key] for key in official.keys() - ignored} | {"image_size": 336}


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    processor = tiny(7)
    processor.save_pretrained(tmp_path)
    loaded = Phi3VImageProcessor.from_pretrained(tmp_path)
    assert loaded.to_dict() == processor.to_dict()
    assert Phi3VImageProcessor.from_pretrained(tmp_path, num_crops=3).num_crops == 3
