"""What training takes on a GPU: speed, memory, learning, resuming, answering; one JSON line for each finding.

    python benchmarks/gpu.py [--out FILE] [--seconds 450] [--parts presets,resume] [--base FOLDER] [--tiny]
    python benchmarks/gpu.py --judge FILE [FILE ...]

The parts run in order, each in a process of its own with a deadline, so that one that fails or hangs takes
nothing else with it; lines are written at once, so what was found before the command is stopped is kept. The
rows are made here. The base has Phi-3-vision's full size and random weights, unless ``--base`` names one:
speed and memory do not depend on the weights. At the end (or with ``--judge``, from the files of one or
several commands) a table says which of the wanted figures are met. ``--tiny`` rehearses all of it on a CPU
with a tiny model, in about a minute; its figures mean nothing.

Where a command may take ten minutes and a machine fifteen in all, two commands do everything, each with its
own file; what the first did not come to, the table calls not measured, and the second is given as parts:

    python benchmarks/gpu.py --out first.jsonl
    python benchmarks/gpu.py --out second.jsonl --seconds 200 --parts answers,full,compile
    python benchmarks/gpu.py --judge first.jsonl second.jsonl
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from gpu_parts.isolated import isolated
from gpu_parts.judge import judge
from gpu_parts.place import Place

PARTS = {
    # name: (seconds that it may take, module of gpu_parts); whole runs come first, then what is wanted.
    "machine": (90, "machine"),
    "presets": (130, "presets"),
    "resume": (60, "learning"),
    "overfit": (60, "learning"),
    "steps": (150, "steps"),
    "published": (50, "published"),
    "answers": (70, "answering"),
    "full": (50, "steps"),
    "compile": (60, "steps"),
}
IMPORTS_IN_PARENT = ("torch", "transformers", "peft", "datagen.train.run.finetune")
"""Loaded once, before the parts are forked: they take ten seconds and more."""


def main() -> None:
    """Run the parts and print a line for each finding, then the table."""
    options = _options()
    if options.judge:
        sys.exit(judge(*options.judge))
    os.environ.update(
        TOKENIZERS_PARALLELISM="false",
        HF_DATASETS_DISABLE_PROGRESS_BARS="1",
        HF_HUB_OFFLINE="1" if options.base is None else os.environ.get("HF_HUB_OFFLINE", "0"),
        PYTORCH_NVML_BASED_CUDA_CHECK="1",  # so that asking for a GPU does not start CUDA before a fork
    )
    if options.tiny:
        os.environ.update(CUDA_VISIBLE_DEVICES="", OMP_NUM_THREADS="1")
    ends = time.monotonic() + options.seconds
    for name in IMPORTS_IN_PARENT:
        import_module(name)
    import_module("transformers.utils.logging").disable_progress_bar()
    options.out.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=_fast_folder(options.tiny)) as folder:
        place = Place(Path(folder), options.out, tiny=options.tiny, given_base=options.base)
        for part in options.parts:
            seconds, module = PARTS[part]
            left = ends - time.monotonic()
            if left < 5:
                place.record(part, "skipped", why="no time left")
                continue
            began = time.monotonic()
            failed = isolated(min(seconds, left), _run, module, part, place)
            if "error" in failed:
                place.record(part, "failed", **failed)
            place.record(part, "part ended", seconds=round(time.monotonic() - began, 1))
            if failed and part == "machine":
                break  # nothing works without the rows and the bases
    sys.exit(judge(options.out))


def _run(module: str, part: str, place: Place) -> dict[str, object]:
    """Call the function ``part`` of a module of parts."""
    getattr(import_module(f"gpu_parts.{module}"), part)(place)
    return {}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("gpu.jsonl"))
    parser.add_argument("--seconds", type=float, default=450)
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--base", help="a folder or Hub id of Phi-3-vision, instead of random weights")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--judge", type=Path, metavar="FILE", nargs="+")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if "machine" not in options.parts:
        options.parts.insert(0, "machine")  # it makes the base and the rows
    return options


def _fast_folder(tiny: bool) -> str | None:
    """Memory for the base's 8 GB and the checkpoints, where it is large enough."""
    shared = Path("/dev/shm")  # noqa: S108 - the folder made in it has a name of its own
    if tiny or not shared.is_dir() or os.statvfs(shared).f_bavail * os.statvfs(shared).f_frsize < 40e9:
        return None
    return str(shared)


if __name__ == "__main__":
    main()
