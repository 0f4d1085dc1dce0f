"""Pictures to embeddings: the vision tower, the layout of its tiles, the projector.

A picture comes as a global view and h x w tiles of 336 pixels. The tower gives 24 x 24 patches a tile; each 2 x 2 of
them become one token of four times the width. The tiles are laid out as they lie in the picture, every row of tokens
ends in the token ``sub_GN``, then comes one token ``glb_GN``, then the global view, whose rows end in ``sub_GN`` too.
Two linear layers project all of it, separators included, to the decoder's width.

How it differs from the official code: only real tiles go through the tower, not the zeros that fill up the batch; all
of them go at once; the tower's last layer and last norm, whose result nobody reads, do not run; and no graph is kept
for a tower that is not trained. Names of weights are the official ones.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from transformers import CLIPVisionModel

from train.phi3_vision.configuration import Phi3VConfig


class Phi3VImageEmbedding(nn.Module):
    """``model.vision_embed_tokens`` of the official checkpoint."""

    def __init__(self, config: Phi3VConfig) -> None:
        super().__init__()
        self.config = config
        self.img_processor = CLIPVisionModel(config.vision_config)
        width = 4 * config.vision_config.hidden_size  # type: ignore[union-attr]
        self.img_projection = nn.Sequential(
            nn.Linear(width, config.hidden_size), nn.GELU(), nn.Linear(config.hidden_size, config.hidden_size)
        )
        self.glb_GN = nn.Parameter(torch.zeros(1, 1, width))
        self.sub_GN = nn.Parameter(torch.zeros(1, 1, 1, width))
        self.freeze_unused()

    def freeze_unused(self) -> None:
        """Weights that the checkpoint has and no result depends on get no gradient: DDP refuses to wait for them."""
        for module in (
            *self.img_processor.encoder.layers[self.config.vision_layers :],
            self.img_processor.post_layernorm,
        ):
            module.requires_grad_(False)

    def forward(
        self, pixel_values: torch.Tensor, image_sizes: torch.Tensor
    ) -> tuple[torch.Tensor, list[int]]:
        """Embeddings of all pictures, one after the other, and how many tokens each has.

        ``pixel_values`` (pictures, tiles + 1, 3, side, side): global view, tiles row by row, zeros up to the most tiles
        of the batch. ``image_sizes`` (pictures, 2): height and width in pixels after padding. Returns (tokens, hidden)
        and a list of ``pictures`` numbers. Raises ``ValueError`` if the two do not fit each other.
        """
        sizes = [(int(height), int(width)) for height, width in image_sizes.tolist()]
        tokens = [self.config.picture_tokens(height, width) for height, width in sizes]
        grids = [(height // self.config.tile_size, width // self.config.tile_size) for height, width in sizes]
        if len(grids) != len(pixel_values) or any(h * w >= pixel_values.shape[1] for h, w in grids):
            raise ValueError(
                f"pixel_values of {len(pixel_values)} pictures with up to {pixel_values.shape[1] - 1} tiles do not fit "
                f"image_sizes {sizes}: pass both as Phi3VProcessor returned them."
            )
        with torch.set_grad_enabled(
            torch.is_grad_enabled() and (pixel_values.requires_grad or _trained(self))
        ):
            tiles = torch.cat(
                [pixels[: 1 + h * w] for pixels, (h, w) in zip(pixel_values, grids, strict=True)]
            )
            merged = self._merge_patches(self._tower(tiles))
            parts: list[torch.Tensor] = []
            start = 0
            for h, w in grids:
                parts.append(self._lay_out(merged[start + 1 : start + 1 + h * w], h, w))
                parts.append(self.glb_GN.view(1, -1))
                parts.append(self._lay_out(merged[start : start + 1], 1, 1))
                start += 1 + h * w
            return self.img_projection(torch.cat(parts)), tokens

    def blank(self) -> torch.Tensor:
        """The embeddings of a blank picture, (tokens, hidden): what a batch without pictures runs to take part."""
        side = self.config.tile_size
        weight = self.sub_GN
        pixels = torch.zeros((1, 2, 3, side, side), dtype=weight.dtype, device=weight.device)
        embeddings, _ = self(pixels, torch.tensor([[side, side]]))
        return embeddings  # type: ignore[no-any-return]

    def _tower(self, tiles: torch.Tensor) -> torch.Tensor:
        """Patch features (tiles, patches, width) of the last layer that is used, without the class token."""
        tower = self.img_processor
        with torch.set_grad_enabled(torch.is_grad_enabled() and (tiles.requires_grad or _trained(tower))):
            states = tower.pre_layrnorm(tower.embeddings(tiles))
            for layer in tower.encoder.layers[: self.config.vision_layers]:
                states = layer(states, None)
            return states[:, 1:]  # type: ignore[no-any-return]

    def _merge_patches(self, features: torch.Tensor) -> torch.Tensor:
        """(tiles, patches, width) to (tiles, rows, columns, 4 width): each 2 x 2 patches in one token, row by row."""
        tiles, _, width = features.shape
        rows = self.config.tile_rows
        blocks = features.view(tiles, rows, 2, rows, 2, width).permute(0, 1, 3, 2, 4, 5)
        return blocks.reshape(tiles, rows, rows, 4 * width)

    def _lay_out(self, merged: torch.Tensor, h: int, w: int) -> torch.Tensor:
        """(h w tiles, rows, columns, width) to (tokens, width): tiles where they lie, a separator after each row."""
        rows, width = merged.shape[1], merged.shape[3]
        picture = (
            merged.view(h, w, rows, rows, width).permute(0, 2, 1, 3, 4).reshape(h * rows, w * rows, width)
        )
        row_ends = self.sub_GN.view(1, 1, width).expand(h * rows, 1, width)
        return torch.cat([picture, row_ends], dim=1).flatten(0, 1)


def _trained(module: nn.Module) -> bool:
    return any(parameter.requires_grad for parameter in module.parameters())


def place_pictures(
    embeddings: torch.Tensor, input_ids: torch.Tensor, features: torch.Tensor, tokens: Iterable[int]
) -> torch.Tensor:
    """``embeddings`` (batch, length, hidden) with ``features`` (tokens, hidden) in the slots of ``input_ids``.

    Slot -n of a sample belongs to the n-th picture of that sample; ``features`` and ``tokens`` list the pictures sample
    by sample. The official code fills the slots in the order in which they stand, which is wrong when a prompt names
    its second picture first; here the number counts. Raises ``ValueError`` unless each picture has just its slots.
    """
    tokens = list(tokens)
    slots = input_ids < 0
    per_sample = (-input_ids.amin(dim=1)).clamp(min=0)
    first = per_sample.cumsum(0) - per_sample
    pictures = (first[:, None] - input_ids - 1)[slots]
    counted = torch.bincount(pictures, minlength=len(tokens)).tolist()
    if counted != tokens:
        raise ValueError(
            f"The prompts have {counted} slots for pictures 1, 2, ... of the batch, but the pictures have {tokens} "
            "tokens: pass input_ids, pixel_values and image_sizes as Phi3VProcessor returned them, uncut."
        )
    positions = slots.flatten().nonzero()[:, 0][pictures.argsort(stable=True)]
    flat = embeddings.flatten(0, 1).index_copy(0, positions, features.to(embeddings.dtype))
    return flat.view_as(embeddings)
