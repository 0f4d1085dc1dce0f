from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datagen.schemas import InputError
from datagen.train.data.pictures import check_picture, open_picture, picture_size


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    into = io.BytesIO()
    image.save(into, kind, **options)
    return into.getvalue()


def test_pictures_come_in_rgb_however_they_are_kept() -> None:
    for mode in ("RGB", "L", "P", "RGBA", "LA", "1", "CMYK"):
        kind = "JPEG" if mode == "CMYK" else "PNG"
        data = encoded(Image.new(mode, (6, 4)), kind)
        for value in (data, {"bytes": data, "path": None}):
            assert (open_picture(value).mode, open_picture(value).size, picture_size(value)) == (
                "RGB",
                (6, 4),
                (6, 4),
            )


def test_what_is_transparent_lies_on_white() -> None:
    data = encoded(Image.new("RGBA", (2, 2), (255, 0, 0, 0)))
    assert open_picture(data).getpixel((0, 0)) == (255, 255, 255)


def test_pictures_are_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.new("RGB", (6, 4)), "JPEG", exif=exif)
    assert open_picture(data).size == picture_size(data) == (4, 6)


def test_a_checked_picture_has_the_size_that_it_opens_with() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind in ("JPEG", "PNG", "WEBP"):
        data = encoded(Image.effect_noise((150, 90), 50).convert("RGB"), kind, exif=exif)
        assert check_picture({"bytes": data}) == open_picture(data).size == (90, 150)


NOISE = Image.effect_noise((48, 64), 50).convert("RGB")
WHOLE = {
    "JPEG": encoded(NOISE, "JPEG"),
    "progressive JPEG": encoded(NOISE, "JPEG", progressive=True),
    "PNG": encoded(NOISE),
    "WebP": encoded(NOISE, "WEBP"),
}


@pytest.mark.parametrize("kind", WHOLE)
@given(st.data())
def test_the_check_refuses_what_cannot_be_opened_and_nothing_else(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[kind])
    if data.draw(st.booleans()):
        del damaged[data.draw(st.integers(1, len(damaged))) :]
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    refused = []
    for read in (open_picture, check_picture):
        try:
            read(bytes(damaged))
        except InputError as error:
            refused.append(str(error))
    assert len(refused) in (0, 2)


@given(st.binary(max_size=80))
def test_files_that_are_not_pictures_are_refused(data: bytes) -> None:
    for read in (open_picture, picture_size, check_picture):
        for value in (data, {"bytes": data}, {"bytes": None}, None, "path.png", 3):
            with pytest.raises(InputError, match="cannot be read|is missing"):
                read(value)


def test_half_a_picture_and_a_bomb_are_refused() -> None:
    whole = encoded(Image.effect_noise((64, 64), 50), "JPEG")
    with pytest.raises(InputError, match="cannot be read"):
        open_picture(whole[: len(whole) // 2])
    bomb = encoded(Image.new("1", (12_000, 12_000)))
    for read in (open_picture, picture_size, check_picture):
        with pytest.raises(InputError, match="more than 89,478,485"):
            read(bomb)
