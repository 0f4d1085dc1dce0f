"""The pictures of a set, read in bounded memory and kept as numbers; some of them small, to be shown."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from PIL import Image as Pictures

from datagen.dataset.folder import Folder
from datagen.dataset.preview import rows_at
from datagen.dataset.shard_reader import open_shard
from datagen.dataset.shards import arrow_schema
from datagen.dataset.sheet import small_picture
from datagen.report.figures import Picture
from datagen.report.pictures.features import F32, HEIGHT, STATISTICS, WIDTH, features, pixels_of
from datagen.schemas.keyed import F64, I64
from datagen.schemas.picture_file import read_header
from datagen.schemas.picture_model import PictureModel
from datagen.schemas.schema import Image

FILE_FIGURES = {
    "width / height": "proportions of the file",
    "megapixels": "pixels of the file, in millions",
    "bytes per pixel": "how much the file is compressed",
}
"""What is known of a picture before it is brought to the common size, in the order of its columns."""

SHOWN = 108, 144
"""The box of a picture on the page, in pixels, and its quality as a JPEG: about 4 kB each."""
QUALITY = 72

FOR_A_MODEL = 512, 512
"""The box of a picture that a vision model sees, in pixels; its own processor makes it smaller."""

_AT_ONCE, _THREADS = 32, 2


@dataclass(frozen=True)
class PictureSet:
    """Pictures of a set as numbers.

    ``numbers``: the row of each, ascending. ``features``: float32 (pictures, features), of a vision model or
    made by hand. ``statistics``: float32 (pictures, STATISTICS). ``files``: float64 (pictures, FILE_FIGURES).
    ``unreadable``: pictures that were read and could not be decoded.
    """

    numbers: I64
    features: F32
    statistics: F32
    files: F64
    unreadable: int = 0


def read_pictures(
    folder: Folder, wanted: I64, progress: Callable[[int], None], model: PictureModel | None = None
) -> PictureSet | str:
    """The pictures of some rows, measured; where there are none, why, as what is said of the set.

    ``model``: whose features are taken in place of the hand-made ones. ``progress`` is told how
    many are done. Raises InputError where a shard cannot be read.
    """
    column = folder.schema.one(Image)
    if column is None or not folder.has_pictures:
        return "has no column of pictures"
    kept: list[int] = []
    made: list[F32] = []
    seen: list[F32] = []
    files: list[tuple[float, float, float]] = []
    done = 0
    # Decoding and arithmetic on whole pictures release Python's lock.
    with ThreadPoolExecutor(_THREADS) as threads:
        contents = _contents(folder, column.name, wanted)
        while part := list(islice(contents, _AT_ONCE)):
            measured = list(threads.map(_measured, (content for _, content in part)))
            whole = [at for at, one in enumerate(measured) if one is not None]
            kept += [part[at][0] for at in whole]
            made += [one[0] for one in measured if one is not None]
            files += [one[1] for one in measured if one is not None]
            if model is not None and whole:
                seen.append(model.features(list(threads.map(_for_a_model, (part[at][1] for at in whole)))))
            done += len(part)
            progress(done)
    if not kept:
        return "has no picture that can be decoded"
    by_hand = np.concatenate(made)
    return PictureSet(
        np.array(kept, dtype=np.int64),
        np.concatenate(seen) if model is not None else by_hand,
        by_hand[:, : len(STATISTICS)],
        np.array(files, dtype=np.float64),
        done - len(kept),
    )


def _contents(folder: Folder, column: str, wanted: I64) -> Iterator[tuple[int, bytes | None]]:
    """The rows that are wanted, each with the bytes of its picture."""
    columns = arrow_schema(folder.schema, folder.has_pictures, folder.ground_truth)
    first = 0
    for path in folder.shard_paths():
        with open_shard(path, columns) as shard:
            for group, size in enumerate(shard.sizes):
                inside = wanted[(wanted >= first) & (wanted < first + size)]
                start = first
                for table in shard.tables(_AT_ONCE, [group], [column]) if len(inside) else ():
                    cells = table[column].combine_chunks()
                    for at in inside[(inside >= start) & (inside < start + len(table))] - start:
                        value = cells[int(at)].as_py()
                        yield start + int(at), value["bytes"] if isinstance(value, dict) else None
                    start += len(table)
                first += size


def _measured(content: bytes | None) -> tuple[F32, tuple[float, float, float]] | None:
    """The features of a picture file (1, features) and its FILE_FIGURES; None where it cannot be decoded."""
    small = small_picture(content, (WIDTH, HEIGHT))
    header = read_header(content or b"")
    if isinstance(small, str) or header is None or content is None:
        return None
    area = header.width * header.height
    return features([pixels_of(small)]), (header.width / header.height, area / 1e6, len(content) / area)


def _for_a_model(content: bytes | None) -> Pictures.Image:
    """A picture that could be measured, larger."""
    picture = small_picture(content, FOR_A_MODEL)
    return picture if isinstance(picture, Pictures.Image) else Pictures.new("RGB", FOR_A_MODEL)


def shown(folder: Folder, rows: Sequence[int], captions: Sequence[str]) -> tuple[Picture, ...]:
    """The pictures of some rows, small, in the order given; without those that cannot be decoded."""
    column = folder.schema.one(Image)
    if column is None or not rows:
        return ()
    in_order = sorted(set(rows))
    found: dict[int, Picture] = {}
    caption = dict(zip(rows, captions, strict=True))
    for row, cells in zip(in_order, rows_at(folder, in_order), strict=True):
        cell = cells[column.name]
        small = small_picture(cell.get("bytes") if isinstance(cell, dict) else None, SHOWN)
        if isinstance(small, Pictures.Image):
            file = io.BytesIO()
            small.save(file, "JPEG", quality=QUALITY, optimize=True)
            found[row] = Picture(file.getvalue(), small.width, small.height, caption[row])
    return tuple(found[row] for row in rows if row in found)
