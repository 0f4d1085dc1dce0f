"""Where each patch of a picture ends up, for every shape: the golden pictures are all of 2 x 2 tiles."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from datagen.train.phi3_vision.image_embedding import Phi3VImageEmbedding, place_pictures
from datagen.train.phi3_vision.tiny import tiny_config

CONFIG = tiny_config()
SIDE, ROWS = CONFIG.tile_size, CONFIG.tile_rows
PATCHES = 2 * ROWS
ROW_END, BETWEEN = -1.0, -2.0


@pytest.fixture(scope="module")
def bare() -> Phi3VImageEmbedding:
    """No projector; separators and patches that say what they are.

    The tower copies from a tile its number, and gives each patch that number, its row and its column.
    """
    embedding = Phi3VImageEmbedding(CONFIG)
    embedding.img_projection = nn.Identity()  # type: ignore[assignment]
    with torch.no_grad():
        embedding.sub_GN.fill_(ROW_END)
        embedding.glb_GN.fill_(BETWEEN)

    def numbered(tiles: torch.Tensor) -> torch.Tensor:
        features = torch.zeros((len(tiles), PATCHES, PATCHES, CONFIG.vision_config.hidden_size))
        features[..., 0] = tiles[:, 0, 0, 0, None, None]
        features[..., 1] = torch.arange(PATCHES)[None, :, None]
        features[..., 2] = torch.arange(PATCHES)[None, None, :]
        return features.flatten(1, 2)

    embedding.features = numbered  # type: ignore[method-assign]
    return embedding


def pixels(pictures: list[tuple[int, int]]) -> torch.Tensor:
    """Tiles whose pixels are all 100 times the picture's number plus the tile's; 0 is the global view."""
    most = max(h * w for h, w in pictures)
    numbers = 100.0 * torch.arange(len(pictures))[:, None] + torch.arange(1 + most)[None, :]
    return numbers[:, :, None, None, None].expand(-1, -1, 3, SIDE, SIDE)


def token(tile: float, row: int, column: int) -> list[list[float]]:
    """The four patches of a token, row by row: each its tile, its row in the tile, its column in the tile."""
    return [[tile, 2 * row + i, 2 * column + j] for i in range(2) for j in range(2)]


def laid_out(number: int, h: int, w: int) -> list[Any]:
    """The tokens of a picture, written down one after the other."""
    tokens: list[Any] = []
    for row in range(h * ROWS):
        for column in range(w * ROWS):
            tile = 1 + (row // ROWS) * w + column // ROWS
            tokens.append(token(100.0 * number + tile, row % ROWS, column % ROWS))
        tokens.append(ROW_END)
    tokens.append(BETWEEN)
    for row in range(ROWS):
        tokens += [token(100.0 * number, row, column) for column in range(ROWS)]
        tokens.append(ROW_END)
    return tokens


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=3))
def test_every_patch_lies_where_it_was_in_the_picture(
    bare: Phi3VImageEmbedding, pictures: list[tuple[int, int]]
) -> None:
    sizes = torch.tensor([[h * SIDE, w * SIDE] for h, w in pictures])
    features, tokens = bare(pixels(pictures), sizes)
    expected = [laid_out(number, h, w) for number, (h, w) in enumerate(pictures)]
    assert tokens == [len(one) for one in expected]
    assert tokens == [CONFIG.picture_tokens(h * SIDE, w * SIDE) for h, w in pictures]
    for found, known in zip(features, (token for one in expected for token in one), strict=True):
        if isinstance(known, float):
            assert (found == known).all()
        else:
            assert found.view(4, -1)[:, :3].tolist() == known


def test_slots_take_the_picture_of_their_number_in_order() -> None:
    ids = torch.tensor([[5, -2, -2, -1, 6], [0, 0, 7, -1, -1]])
    features = torch.arange(1.0, 6.0)[
        :, None
    ]  # sample 0: picture 1 has one token, picture 2 two; sample 1: two
    placed = place_pictures(torch.zeros((2, 5, 1)), ids, features, [1, 2, 2])
    assert placed[..., 0].tolist() == [[0, 2, 3, 1, 0], [0, 0, 0, 4, 5]]
