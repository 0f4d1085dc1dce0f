# /// script
# requires-python = ">=3.10"
# dependencies = ["datagen>=0.1"]
# ///
"""Make a synthetic catalogue and push it to the Hugging Face Hub, from nothing but this file or its address.

    uv run make_and_push.py me/synthetic --rows 3040
    hf jobs uv run --flavor cpu-upgrade --secrets HF_TOKEN ADDRESS/make_and_push.py me/synthetic --rows 3040

uv installs what the header above names. The new repository is private without --public.
"""

import argparse
import tempfile
from pathlib import Path

import datagen


def main() -> None:
    """Make and push, as the arguments say."""
    parser = argparse.ArgumentParser(description="Make a synthetic catalogue and push it to the Hub.")
    parser.add_argument("repo", metavar="OWNER/NAME")
    parser.add_argument("--rows", type=int, default=3040)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-images", action="store_true")
    parser.add_argument("--public", action="store_true")
    asked = parser.parse_args()
    image_size = None if asked.no_images else (480, 640)
    with tempfile.TemporaryDirectory() as folder:
        made = datagen.make(asked.rows, Path(folder) / "data", seed=asked.seed, image_size=image_size)
        pushed = datagen.push(made.path, asked.repo, private=not asked.public)
    print(f"Pushed {made.rows:,} rows to {pushed.url}")


if __name__ == "__main__":
    try:
        main()
    except (datagen.InputError, datagen.RunFailed) as error:
        raise SystemExit(f"Error: {error}") from None
