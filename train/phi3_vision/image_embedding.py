"""Pictures as embeddings: the vision tower, the layout of its tiles, the projector.

A picture consists of a global view and h x w tiles of 336 pixels. The tower makes 24 x 24 patches of a tile;
2 x 2 of them become one token of four times the width. The tiles are laid out as in the picture, and each
row of tokens ends with the token ``sub_GN``; then comes one token ``glb_GN``, then the global view, whose
rows end with ``sub_GN``, too. Two linear layers project everything, including separators, to the
decoder's width.

How it differs from the official code, and why:

- only real tiles go through the tower, not the padding of a batch, and all of them at once;
- the tower's last layer and last norm, whose result is not used, do not run, and their weights are frozen;
- no graph is kept for a tower or projector that is not trained, regardless of hooks that adapters may add.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import CLIPVisionModel

from datagen.schemas import InputError
from datagen.train.phi3_vision.configuration import Phi3VConfig

FROM_PROCESSOR = "pass input_ids, pixel_values and image_sizes as Phi3VProcessor returned them, uncut."


class Phi3VImageEmbedding(nn.Module):
    """``model.vision_embed_tokens`` of the official checkpoint, under the official names of weights."""

    def __init__(self, config: Phi3VConfig) -> None:
        super().__init__()
        self.config = config
        # The ModuleDict adds a part to the names of the weights, which makes them the official ones.
        self.img_processor = nn.ModuleDict({"vision_model": CLIPVisionModel(config.vision_config)})
        width = 4 * config.vision_config.hidden_size
        self.img_projection = nn.Sequential(
            nn.Linear(width, config.hidden_size), nn.GELU(), nn.Linear(config.hidden_size, config.hidden_size)
        )
        self.glb_GN = nn.Parameter(torch.zeros(1, 1, width))
        self.sub_GN = nn.Parameter(torch.zeros(1, 1, 1, width))
        self.freeze_unused()

    @property
    def tower(self) -> Any:
        """The vision tower, a ``CLIPVisionModel``."""
        return self.img_processor["vision_model"]

    def freeze_unused(self) -> None:
        """Freeze the weights that no result depends on, since DDP waits for the gradients of all others."""
        tower = self.tower
        for module in (*tower.encoder.layers[self.config.vision_layers :], tower.post_layernorm):
            module.requires_grad_(False)

    def forward(
        self, pixel_values: torch.Tensor, image_sizes: torch.Tensor
    ) -> tuple[torch.Tensor, list[int]]:
        """Embeddings of all pictures, one after the other (tokens, hidden), and how many tokens each has.

        ``pixel_values`` (pictures, tiles + 1, 3, side, side) are global view, tiles row by row, and zeros
        up to the most tiles of the batch; ``image_sizes`` (pictures, 2) are height and width in pixels
        after padding.

        Raises:
            InputError: The two do not fit each other.
        """
        sizes: list[list[int]] = image_sizes.tolist()
        tokens = [self.config.picture_tokens(height, width) for height, width in sizes]
        side = self.config.tile_size
        grids = [(height // side, width // side) for height, width in sizes]
        if len(grids) != len(pixel_values) or any(h * w >= pixel_values.shape[1] for h, w in grids):
            raise InputError(
                f"pixel_values of {len(pixel_values)} pictures of up to {pixel_values.shape[1] - 1} tiles "
                f"do not fit image_sizes {sizes}; {FROM_PROCESSOR}"
            )
        with torch.set_grad_enabled(_has_gradient(self, pixel_values)):
            counts = [1 + h * w for h, w in grids]
            tiles = torch.cat([pixels[:count] for pixels, count in zip(pixel_values, counts, strict=True)])
            merged = self._merge_patches(self.features(tiles))
            parts: list[torch.Tensor] = []
            for own, (h, w) in zip(torch.split(merged, counts), grids, strict=True):
                parts.append(self._lay_out(own[1:], h, w))
                parts.append(self.glb_GN.view(1, -1))
                parts.append(self._lay_out(own[:1], 1, 1))
            return self.img_projection(torch.cat(parts)), tokens

    def blank(self) -> torch.Tensor:
        """The embeddings (tokens, hidden) of a picture of zeros, which depend on every weight in use."""
        side, like = self.config.tile_size, self.sub_GN
        pixels = torch.zeros((1, 2, 3, side, side), dtype=like.dtype, device=like.device)
        embeddings: torch.Tensor = self(pixels, torch.tensor([[side, side]]))[0]
        return embeddings

    def features(self, tiles: torch.Tensor) -> torch.Tensor:
        """What the tower sees: (tiles, patches, width) of the last layer in use, without the class token.

        ``tiles``: (tiles, 3, side, side).
        """
        tower = self.tower
        with torch.set_grad_enabled(_has_gradient(tower, tiles)):
            states: torch.Tensor = tower.pre_layrnorm(tower.embeddings(tiles))
            for layer in tower.encoder.layers[: self.config.vision_layers]:
                states = layer(states, None)
            return states[:, 1:]

    def _merge_patches(self, features: torch.Tensor) -> torch.Tensor:
        """(tiles, patches, width) to (tiles, rows, columns, 4 width), the patches of a token row by row."""
        tiles, _, width = features.shape
        rows = self.config.tile_rows
        blocks = features.view(tiles, rows, 2, rows, 2, width).permute(0, 1, 3, 2, 4, 5)
        return blocks.reshape(tiles, rows, rows, 4 * width)

    def _lay_out(self, tiles: torch.Tensor, h: int, w: int) -> torch.Tensor:
        """(h w tiles, rows, columns, width) to (tokens, width): in place, each row with its separator."""
        _, rows, _, width = tiles.shape
        picture = tiles.view(h, w, rows, rows, width).permute(0, 2, 1, 3, 4)
        row_ends = self.sub_GN.view(1, 1, width).expand(h * rows, 1, width)
        return torch.cat([picture.reshape(h * rows, w * rows, width), row_ends], dim=1).flatten(0, 1)


def pictures_per_sample(input_ids: torch.Tensor, pictures: int) -> torch.Tensor:
    """How many pictures each row of ``input_ids`` (batch, length) refers to: (batch).

    Raises:
        InputError: The total is not ``pictures``.
    """
    named = (-input_ids.amin(dim=1)).clamp(min=0)
    total = int(named.sum())
    if total != pictures:
        raise InputError(f"The prompts refer to {total} pictures, but there are {pictures}; {FROM_PROCESSOR}")
    return named


def place_pictures(
    embeddings: torch.Tensor, input_ids: torch.Tensor, features: torch.Tensor, tokens: Sequence[int]
) -> torch.Tensor:
    """``embeddings`` (batch, length, hidden) with ``features`` (tokens, hidden) in the picture slots.

    Slot -n of a sample belongs to that sample's n-th picture; ``features`` and ``tokens``, the
    number of them for each picture, are ordered sample by sample. The official code fills the slots in the
    order in which they appear, which is wrong if a prompt refers to its second picture first; here the number
    counts.

    Raises:
        InputError: The slots of a picture are not as many as its tokens, or slots have no picture.
    """
    slots = input_ids < 0
    per_sample = pictures_per_sample(input_ids, len(tokens))
    before = per_sample.cumsum(0) - per_sample
    picture = (before[:, None] - input_ids - 1)[slots]
    counted = torch.bincount(picture, minlength=len(tokens)).tolist()
    if counted != list(tokens):
        raise InputError(
            f"The prompts have {counted} slots for the pictures of the batch in this order, but the pictures "
            f"have {list(tokens)} tokens; {FROM_PROCESSOR}"
        )
    positions = slots.flatten().nonzero()[:, 0][picture.argsort(stable=True)]
    placed = embeddings.flatten(0, 1).index_copy(0, positions, features.to(embeddings))
    return placed.view_as(embeddings)


def _has_gradient(module: nn.Module, inputs: torch.Tensor) -> bool:
    trained = inputs.requires_grad or any(weight.requires_grad for weight in module.parameters())
    return torch.is_grad_enabled() and trained
