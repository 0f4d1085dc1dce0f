"""The sheets in docs/: every kind, fabric and view. Look at them after a change to the renderer.

python benchmarks/sheets.py
"""

from __future__ import annotations

import io
from pathlib import Path

from datagen.product.product import House
from datagen.product.profile import load_profile
from datagen.render.grids import GRIDS, sheet

DOCS = Path(__file__).parents[1] / "docs"
FORMS = {"kind": ((150, 200), 12), "fabric": ((150, 200), 11), "view": ((165, 220), 8)}
LIMIT = 300_000


def main() -> None:
    """Write docs/kinds.jpg, docs/fabrics.jpg and docs/views.jpg, each under 300 kB."""
    names = load_profile("burberry").house
    for name, (size, columns) in FORMS.items():
        image = sheet(GRIDS[name](), House(names.name, names.letters), size, columns)
        for quality in range(85, 20, -3):
            file = io.BytesIO()
            image.save(file, "JPEG", quality=quality, optimize=True)
            if len(file.getvalue()) < LIMIT:
                break
        (DOCS / f"{name}s.jpg").write_bytes(file.getvalue())
        size_now = f"{image.width} x {image.height}, {len(file.getvalue()):,} bytes"
        print(f"docs/{name}s.jpg: {size_now}, quality {quality}")


if __name__ == "__main__":
    main()
