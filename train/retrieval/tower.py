"""The vision tower that an index is made with: found, compared, and loaded when it is needed."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from PIL import Image

from datagen.schemas import InputError
from datagen.train.config import CONFIG, RunConfig, load_config, saved_config
from datagen.train.models.base import base_config, hub_commit, load_base, load_run
from datagen.train.retrieval.store import About
from datagen.train.retrieval.vectors import (
    TINY,
    PictureVector,
    TowerVectors,
    hand_made,
    kind_of,
    tower_digest,
)

if TYPE_CHECKING:
    from datagen.train.models.base import Base


def new_about(config: RunConfig, run: Path | None, vector: Callable[[], PictureVector]) -> About:
    """The description of a new index, made with the base model of a configuration or with a run."""
    model = config.model
    trained = run is not None and kind_of(config) == "tower" and "tower" in model.train
    commit = _commit(config)
    return About(
        base=TINY if config.smoke else model.base,
        commit=commit,
        run=str(run.resolve()) if run is not None and trained else None,
        tower=tower_digest(config, run, "best", commit),
        kind=kind_of(config),
        width=len(vector()(_grey())),
        template=config.data.template,
        columns=config.data.real_columns,
        num_crops=model.num_crops,
        most_crops=model.most_crops,
        max_pixels=model.max_pixels,
    )


def base_to_index(
    base: str | None, source: str, recipe: Path | None, num_crops: int | str | None
) -> tuple[RunConfig, Path | None]:
    """The configuration of the model that is asked for, and its folder if it is a run. Raises InputError."""
    run = Path(base) if base is not None and (Path(base) / CONFIG).is_file() else None
    if run is not None:
        return saved_config(run), run
    if base == TINY:
        return load_config(recipe, {"data.real": source, "smoke": True}), None
    flags = {"data.real": source, "model.base": base, "model.num_crops": num_crops}
    return load_config(recipe, flags, {"model.num_crops": "--num-crops"}), None


def vector_maker(config: RunConfig, run: Path | None = None) -> Callable[[], PictureVector]:
    """What makes vectors with the model of a configuration; a call loads it, once."""

    @cache
    def maker() -> PictureVector:
        if kind_of(config) == "hand-made":
            return hand_made
        if run is not None and "tower" in config.model.train:
            return TowerVectors(load_run(run, "best"), config, run)
        # The tower is never quantised, so that the decoder may be: it only takes memory here.
        method = "qlora" if torch.cuda.is_available() else "lora"
        light = config.model.model_copy(update={"method": method})
        return TowerVectors(load_base(config.model_copy(update={"model": light}), run), config, run)

    return maker


def maker_of_index(about: About, path: Path) -> Callable[[], PictureVector]:
    """What makes further vectors for an index. A call raises InputError if its model has changed."""

    def maker() -> PictureVector:
        if about.kind == "hand-made":
            return hand_made
        run = Path(about.run) if about.run is not None else None
        if run is not None:
            config = saved_config(run)
        else:
            config = load_config(
                None, {"data.real": "-", "model.base": about.base, "model.revision": about.commit}
            )
        if tower_digest(config, run, "best", _commit(config)) != about.tower:
            name = about.run or about.base
            raise InputError(
                f"{name} has changed since {path} was made with it; make it again with --overwrite."
            )
        return vector_maker(config.model_copy(update={"model": about.sized(config.model)}), run)()

    return cache(maker)


def refuse_other_tower(about: About, path: Path, config: RunConfig, run: Path | None, which: str) -> None:
    """Raises InputError if an index was made with another vision tower than a run has."""
    if kind_of(config) != about.kind or tower_digest(config, run, which, _commit(config)) != about.tower:
        theirs = about.run or about.base
        mine = str(run) if run is not None else config.model.base
        raise InputError(
            f"{path} was made with the vision tower of {theirs}, which is not that of {mine}; index the "
            f"catalogue again with --base {mine}."
        )


def maker_of_run(about: About, config: RunConfig, run: Path, base: Callable[[], Base]) -> PictureVector:
    """What makes the vectors of queries with the model of a run, whose tower is that of the index."""
    if about.kind == "hand-made":
        return hand_made
    sized = config.model_copy(update={"model": about.sized(config.model)})
    maker = cache(lambda: TowerVectors(base(), sized, run))
    return lambda picture: maker()(picture)


def _commit(config: RunConfig) -> str | None:
    """The commit of a base model on the Hub; None for a folder and for the tiny model. Raises RunFailed."""
    if kind_of(config) == "hand-made" or Path(config.model.base).is_dir():
        return None
    base_config(config)
    return hub_commit(config.model.base, config.model.revision) or config.model.revision


def _grey() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (128, 128, 128)).save(file, "PNG")
    return file.getvalue()
