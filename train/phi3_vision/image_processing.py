"""Pictures as tiles, in the form in which Phi-3-vision and Phi-3.5-vision were trained.

A picture is scaled to fill at most `num_crops` square tiles, padded with white and cut row by row, and
one small view of the whole picture is added. The numbers equal those of the official processor, bit for
bit, without torchvision.

As in the official code, Pillow's `convert("RGB")` decides: transparency is dropped (what is under it
shows), CMYK is converted without a colour profile, the current frame of an animation is used, and a
rotation given only in EXIF is not applied (call `PIL.ImageOps.exif_transpose` before).
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from transformers.feature_extraction_utils import BatchFeature
from transformers.image_processing_utils import BaseImageProcessor
from transformers.processing_utils import ImagesKwargs

from datagen.schemas import InputError
from datagen.train.data.pictures import FORMATS, MOST_PIXELS

Picture: TypeAlias = "Image.Image | np.ndarray[Any, Any] | Tensor | bytes | dict[str, Any]"

# The mean and deviation of CLIP's training pictures, as in the official preprocessor_config.json.
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
MOST_CROPS = 256
MOST_SIDE = 2_048
TOO_LARGE = f"the picture has more than {MOST_PIXELS:,} pixels; make it smaller"
READABLE_FORMATS = (*FORMATS, "MPO", "PPM")


class Grid(NamedTuple):
    """How a picture is laid out on tiles.

    `resized` is (width, height) in pixels with the longer side horizontal; `rows` and `columns` count tiles
    in the picture's own orientation.
    """

    resized: tuple[int, int]
    rows: int
    columns: int


def lay_out(width: int, height: int, num_crops: int, side: int) -> Grid:
    """The tiles of a picture of `width` x `height` pixels: the widest grid of at most `num_crops` tiles.

    With the longer side horizontal and r = width / height, the number of columns is the largest s with
    s * ceil(s / r) <= num_crops (official image processor, `HD_transform`).

    Raises:
        InputError: The picture is empty, or so narrow that its short side would vanish.
    """
    if min(width, height) < 1:
        raise InputError(f"the picture is {width} x {height} pixels, so it is empty; leave it out")
    ratio = max(width, height) / min(width, height)
    columns = 1
    while (columns + 1) * math.ceil((columns + 1) / ratio) <= num_crops:
        columns += 1
    wide = columns * side
    high = int(wide / ratio)
    if high < 1:
        raise InputError(
            f"the picture is {width} x {height} pixels, too narrow; crop it to less than {wide}:1"
        )
    rows = math.ceil(high / side)
    return Grid((wide, high), *((columns, rows) if width < height else (rows, columns)))


def crops_of(width: int, height: int, most: int, side: int) -> int:
    """The tiles that a picture of `width` x `height` pixels fills: of the smallest grid that is not smaller.

    The longer side gets ceil(pixels / `side`) tiles, so a picture is enlarged to less than one more tile, or
    reduced where that takes more than `most` tiles. `lay_out` with this number gives that grid, since
    s * ceil(s / r) grows with s.
    """
    wanted = math.ceil(max(width, height) / side)
    ratio = max(width, height) / max(min(width, height), 1)
    return max(min(wanted * math.ceil(wanted / ratio), most), 1)


def count_slots(rows: int, columns: int, num_img_tokens: int) -> int:
    """Token positions of a picture of `rows` x `columns` tiles: the tiles, the small view, the separators.

    A tile has t x t = `num_img_tokens` positions. Every row of positions ends with a separator, and
    another one is between the tiles and the small view: (rows * columns + 1) * t * t + 1 + (rows + 1) *
    t.
    """
    t = math.isqrt(num_img_tokens)
    return (rows * columns + 1) * num_img_tokens + 1 + (rows + 1) * t


class Phi3VImageKwargs(ImagesKwargs, total=False):
    """Settings that `from_pretrained` can override."""

    num_crops: int
    auto_crops: bool
    num_img_tokens: int
    image_size: int


class Phi3VImageProcessor(BaseImageProcessor):
    """Turns pictures into `pixel_values`, `image_sizes` and `num_img_tokens`.

    Reads the official preprocessor_config.json unchanged; unknown keys (`auto_map`) are ignored.

    Args:
        num_crops: The most tiles of a picture, from 1 to 256: 16 in Phi-3-vision, 4 in Phi-3.5-vision.
        auto_crops: Give each picture only as many tiles as its own pixels fill (`crops_of`). The official
            processor has no such setting, ignores it in a file, and enlarges every picture to `num_crops`.
        image_mean: Mean of each channel, of values from 0 to 1.
        image_std: Standard deviation of each channel.
        num_img_tokens: Token positions of a tile, a square number: (image_size / patch size / 2) squared.
        image_size: Side of a tile in pixels.

    Raises:
        InputError: A value is of the wrong type or out of its bounds.
    """

    model_input_names = ["pixel_values", "image_sizes"]  # noqa: RUF012 (the base class declares it)
    valid_kwargs = Phi3VImageKwargs

    def __init__(
        self,
        num_crops: int = 16,
        auto_crops: bool = False,
        image_mean: Sequence[float] = CLIP_MEAN,
        image_std: Sequence[float] = CLIP_STD,
        num_img_tokens: int = 144,
        image_size: int = 336,
        **_ignored: Any,
    ) -> None:
        super().__init__()
        self.num_crops = _checked_crops(num_crops)
        self.auto_crops = auto_crops is True
        self.image_mean = _three_numbers("image_mean", image_mean)
        self.image_std = _three_numbers("image_std", image_std)
        if min(self.image_std) <= 0:
            raise InputError(f"image_std must be above 0, not {self.image_std}")
        if (
            not _is_whole(num_img_tokens, 1, MOST_SIDE**2)
            or math.isqrt(num_img_tokens) ** 2 != num_img_tokens
        ):
            raise InputError(f"num_img_tokens must be a square number such as 144, not {num_img_tokens!r}")
        if not _is_whole(image_size, 1, MOST_SIDE):
            raise InputError(
                f"image_size must be the side of a tile in pixels, up to {MOST_SIDE}, not {image_size!r}"
            )
        self.num_img_tokens = num_img_tokens
        self.image_size = image_size

    def count_image_tokens(self, width: int, height: int, num_crops: int | None = None) -> int:
        """Token positions that a picture of `width` x `height` pixels takes."""
        grid = self._grid(width, height, num_crops)
        return count_slots(grid.rows, grid.columns, self.num_img_tokens)

    def most_image_tokens(self, num_crops: int) -> int:
        """Token positions that a picture of any size takes at most: those of a strip of `num_crops` tiles."""
        return count_slots(num_crops, 1, self.num_img_tokens)

    def preprocess(
        self,
        images: Picture | Sequence[Picture],
        num_crops: int | None = None,
        pad_to_num_crops: bool = False,
        return_tensors: str | None = "pt",
    ) -> BatchFeature:
        """The tiles of one picture or of a list of pictures.

        Args:
            images: Pillow pictures of any mode, uint8 arrays (height, width[, 1, 3 or 4]), uint8 tensors (1,
                3 or 4, height, width), encoded pictures as bytes, or `{"bytes": ...}` as `datasets` stores
                them.
            num_crops: The most tiles of a picture, which is enlarged to fill them; where None, the
            processor's own `num_crops` and `auto_crops` decide. pad_to_num_crops: Always return `num_crops`
            + 1 tiles, like the official processor; otherwise as many as the picture with the most tiles
            needs. The padding is zeros, which the model ignores. return_tensors: "pt" or "np".

        Returns:
            `pixel_values` (pictures, 1 + tiles, 3, image_size, image_size), float32: the small view, then the
            tiles row by row, then zeros; `image_sizes` (pictures, 2): height and width in pixels after
            padding; `num_img_tokens` (pictures,): token positions of each picture.

        Raises:
            InputError: A picture cannot be read, is empty, too large or too narrow; the message says which.
        """
        crops = self.num_crops if num_crops is None else _checked_crops(num_crops)
        pictures: list[Any] = list(images) if isinstance(images, (list, tuple)) else [images]
        if not pictures:
            raise InputError("there is no picture to process; give at least one")
        side, opened, grids = self.image_size, [], []
        for number, picture in enumerate(pictures, start=1):
            with _naming(number, len(pictures)):
                opened.append(open_picture(picture))
                grids.append(self._grid(*opened[-1].size, num_crops))
        most = crops if pad_to_num_crops else max(grid.rows * grid.columns for grid in grids)
        pixel_values = torch.empty(len(pictures), 1 + most, 3, side, side)
        for number, (image, grid, tiles) in enumerate(zip(opened, grids, pixel_values, strict=True), start=1):
            with _naming(number, len(pictures)):
                self._cut(as_rgb(image), grid, tiles)
        sizes = [(grid.rows, grid.columns) for grid in grids]
        data = {
            "pixel_values": pixel_values,
            "image_sizes": torch.tensor(sizes) * side,
            "num_img_tokens": torch.tensor([count_slots(*size, self.num_img_tokens) for size in sizes]),
        }
        return BatchFeature(data, tensor_type=return_tensors)

    def to_dict(self) -> dict[str, Any]:
        """The contents of preprocessor_config.json: the official ones, and `auto_crops` if it is set."""
        values = super().to_dict()
        if not self.auto_crops:
            del values["auto_crops"]
        return values

    def _grid(self, width: int, height: int, num_crops: int | None) -> Grid:
        """The tiles of a picture; with a number of crops given, as in the official processor."""
        crops = self.num_crops if num_crops is None else _checked_crops(num_crops)
        if num_crops is None and self.auto_crops:
            crops = crops_of(width, height, crops, self.image_size)
        return lay_out(width, height, crops, self.image_size)

    def _cut(self, image: Image.Image, grid: Grid, tiles: Tensor) -> None:
        """Write an RGB picture to `tiles`: the small view, the tiles row by row, and zeros."""
        side = self.image_size
        upright = image.width < image.height
        # Pillow rounds between its two passes, so the longer side must be horizontal for the official
        # numbers.
        if upright:
            image = image.transpose(Image.Transpose.TRANSPOSE)
        image = image.resize(grid.resized, Image.Resampling.BILINEAR)
        if upright:
            image = image.transpose(Image.Transpose.TRANSPOSE)
        whole = torch.full((3, grid.rows * side, grid.columns * side), 255.0)
        left, top = (whole.shape[2] - image.width) // 2, (whole.shape[1] - image.height) // 2
        for channel, band in zip(whole, image.split(), strict=True):
            channel[top : top + image.height, left : left + image.width] = torch.tensor(np.asarray(band))
        mean, std = torch.tensor(self.image_mean)[:, None, None], torch.tensor(self.image_std)[:, None, None]
        whole.div_(255).sub_(mean).div_(std)
        tiles[:1] = torch.nn.functional.interpolate(whole[None], size=(side, side), mode="bicubic")
        end = 1 + grid.rows * grid.columns
        cut = whole.view(3, grid.rows, side, grid.columns, side).permute(1, 3, 0, 2, 4)
        tiles[1:end].view(cut.shape).copy_(cut)
        tiles[end:] = 0


def open_picture(picture: Picture) -> Image.Image:
    """Any supported kind of picture as a Pillow image, perhaps not decoded yet.

    Raises:
        InputError: It is of an unsupported kind, too large, or damaged.
    """
    with _reading():
        image = _open(picture)
        if image.width * image.height > MOST_PIXELS:
            raise InputError(TOO_LARGE)
        return image


def as_rgb(image: Image.Image) -> Image.Image:
    """The picture in RGB and decoded; the same object if it is RGB already.

    Raises:
        InputError: It is damaged.
    """
    with _reading():
        if image.mode == "RGB":
            image.load()
            return image
        if image.mode == "P" and isinstance(image.info.get("transparency"), bytes):
            image = image.convert("RGBA")  # the same colours; without this step Pillow warns
        return image.convert("RGB")


@contextmanager
def _reading() -> Iterator[None]:
    """Pillow's readers raise errors of many kinds on hostile bytes; all become one sentence."""
    try:
        yield
    except InputError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(TOO_LARGE) from error
    except Exception as error:
        kind = type(error).__name__
        raise InputError(f"the picture cannot be read ({kind}); it is damaged, or not a picture") from error


@contextmanager
def _naming(number: int, count: int) -> Iterator[None]:
    """Add to an error which picture of a batch it is about."""
    try:
        yield
    except InputError as error:
        raise InputError(f"picture {number} of {count}: {error}") from error


def _open(picture: Picture) -> Image.Image:
    if isinstance(picture, dict):
        if not isinstance(picture.get("bytes"), bytes):
            raise InputError("the picture is a mapping without bytes; read its file and give the bytes")
        picture = picture["bytes"]
    if isinstance(picture, Image.Image):
        return picture
    if isinstance(picture, bytes):
        return Image.open(io.BytesIO(picture), formats=READABLE_FORMATS)
    if not isinstance(picture, (np.ndarray, Tensor)):
        kind = type(picture).__name__
        raise InputError(f"the picture is of type {kind}; give a Pillow picture, its bytes, or an array")
    if picture.dtype not in (np.dtype(np.uint8), torch.uint8):
        raise InputError(f"the picture has values of type {picture.dtype}; give uint8, from 0 to 255")
    shape = tuple(picture.shape)
    if isinstance(picture, Tensor):
        if picture.ndim != 3 or picture.shape[0] not in (1, 3, 4):
            raise InputError(
                f"the picture is a tensor of shape {shape}; give 1, 3 or 4 channels x height x width"
            )
        picture = picture.detach().permute(1, 2, 0).cpu().numpy()
    elif picture.ndim != 2 and (picture.ndim != 3 or picture.shape[2] not in (1, 3, 4)):
        raise InputError(
            f"the picture is an array of shape {shape}; give height x width x 1, 3 or 4 channels"
        )
    return Image.fromarray(np.ascontiguousarray(picture[:, :, 0] if picture.shape[2:] == (1,) else picture))


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _checked_crops(num_crops: int) -> int:
    if not _is_whole(num_crops, 1, MOST_CROPS):
        raise InputError(f"num_crops must be a whole number from 1 to {MOST_CROPS}, not {num_crops!r}")
    return num_crops


def _three_numbers(name: str, values: Sequence[float]) -> list[float]:
    numbers = list(values) if isinstance(values, (list, tuple)) else []
    if len(numbers) != 3 or not all(isinstance(v, (int, float)) and math.isfinite(v) for v in numbers):
        raise InputError(f"{name} must be three numbers, one per channel, not {values!r}")
    return numbers
