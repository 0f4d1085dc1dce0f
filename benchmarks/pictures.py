"""Rows with pictures: the whole command compared with encoding the same pictures, on the same cores.

    python benchmarks/pictures.py [--rows 3040] [--size 480x640]

The baseline draws every picture beforehand and times only Pillow's JPEG encoder, in as many
processes as the command uses. A last part makes some rows in one process and measures each step. At the end
it says how many rows are drawn from silhouettes.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from datagen.dataset.shards import arrow_schema, write_shard
from datagen.generation.drawing import groups
from datagen.generation.engines import all_cores
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe, write_recipe
from datagen.product.product import House
from datagen.product.sampler import Sampler
from datagen.render.maps import has_geometry
from datagen.render.scene import compose, draw

BREAKDOWN_ROWS, WRITTEN_ROWS = 3040, 200


def whole_command(rows: int, size: str) -> tuple[float, int]:
    """Seconds of the command as a user types it, including process start, and bytes on disk."""
    datagen = shutil.which("datagen", path=Path(sys.executable).parent) or "datagen"
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "set")
        command = [datagen, "make", "--rows", str(rows), "--image-size", size, "--out", out, "--json"]
        began = time.perf_counter()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return time.perf_counter() - began, json.loads(done.stdout)["bytes"]


def encode_only(job: tuple[Recipe, int, int]) -> tuple[float, float]:
    """Seconds, and seconds of processor time, to encode the rows [start, stop), drawn beforehand."""
    recipe, start, stop = job
    sampler = Sampler(recipe.profile, recipe.seed)
    house = House(recipe.profile.house.name, recipe.profile.house.letters)
    seconds = worked = 0.0
    for at in range(start, stop, 32):
        products = sampler.products(at, min(at + 32, stop))
        pictures = [draw(product, house, recipe.image_size or (0, 0)) for product in sampler.each(products)]
        began, began_work = time.perf_counter(), time.process_time()
        for picture in pictures:
            picture.save(io.BytesIO(), "JPEG", quality=recipe.jpeg_quality, subsampling=2)
        seconds += time.perf_counter() - began
        worked += time.process_time() - began_work
    return seconds, worked


def baseline(recipe: Recipe, cores: int) -> tuple[float, float]:
    """Seconds of the slowest of ``cores`` processes that share the encoding; processor time of all."""
    edges = [at * recipe.rows // cores for at in range(cores + 1)]
    jobs = [(recipe, edges[at], edges[at + 1]) for at in range(cores)]
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        times = pool.map(encode_only, jobs, chunksize=1)
    return max(seconds for seconds, _ in times), sum(worked for _, worked in times)


def breakdown(recipe: Recipe) -> dict[str, float]:
    """Milliseconds per row in one process: sampling, drawing (cutting and composing), encoding, writing.

    In the order in which the command draws: a product is laid out to time the cutting, and then drawn from
    the cached cut.
    """
    rows, size = min(BREAKDOWN_ROWS, recipe.rows), recipe.image_size or (0, 0)
    sampler, maker = Sampler(recipe.profile, recipe.seed), Maker(recipe)
    house = House(recipe.profile.house.name, recipe.profile.house.letters)
    spent: dict[str, float] = defaultdict(float)
    began = time.perf_counter()
    views = list(sampler.each(sampler.products(0, rows)))
    spent["sample"] = time.perf_counter() - began
    for row in [row for group in groups(maker, range(rows)) for row in group.rows]:
        began = time.perf_counter()
        compose(views[row], size)
        spent["draw: cut"] += time.perf_counter() - began
        began = time.perf_counter()
        picture = draw(views[row], house, size)
        spent["draw: compose"] += time.perf_counter() - began
        began = time.perf_counter()
        picture.save(io.BytesIO(), "JPEG", quality=recipe.jpeg_quality, subsampling=2)
        spent["encode"] += time.perf_counter() - began
    written = min(rows, WRITTEN_ROWS)
    piece = maker.piece(0, written)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        write_shard(Path(folder) / "x.parquet", arrow_schema(recipe.schema, True), [piece])
        spent["write"] = (time.perf_counter() - began) * rows / written
    return {name: 1000 * seconds / rows for name, seconds in spent.items()}


def silhouettes(recipe: Recipe) -> int:
    """How many of the rows are drawn from silhouettes: no baked cut shows their words."""
    sampler = Sampler(recipe.profile, recipe.seed)
    products = sampler.products(0, recipe.rows)
    return sum(not has_geometry(product) for product in sampler.each(products))


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3040)
    parser.add_argument("--size", default="480x640")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    recipe, cores = write_recipe(options.rows, image_size=(width, height)), all_cores()
    seconds, size = whole_command(options.rows, options.size)
    # Kilobytes on Linux: the largest process of the command, workers included.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory, worked = used.ru_maxrss / 1000, used.ru_utime + used.ru_stime
    least, least_work = baseline(recipe, cores)
    parts = ", ".join(f"{name} {value:.2f}" for name, value in breakdown(recipe).items())
    print(
        f"pictures: {options.rows:,} rows with {options.size} pictures in {seconds:.1f} s on {cores} cores "
        f"= {options.rows / seconds:.0f} rows/s, {size / 1e6:.0f} MB; only encoding them takes "
        f"{least:.2f} s, so the whole is {seconds / least:.1f} x that "
        f"({worked:.1f} s against {least_work:.2f} s of processor time, {worked / least_work:.1f} x); "
        f"largest process {memory:.0f} MB; ms a row in one process: {parts}; "
        f"{silhouettes(recipe):,} rows from silhouettes"
    )


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
