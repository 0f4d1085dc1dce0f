"""Writing a report: the page, and its numbers beside it, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

from datagen.report.document import Report
from datagen.report.page.page import page
from datagen.schemas import InputError
from datagen.schemas.files import write_file


def refuse_existing(out: Path, *, overwrite: bool) -> None:
    """Raises InputError where a page cannot be written, or would replace a file without ``overwrite``."""
    if out.suffix.lower() not in {".html", ".htm"}:
        raise InputError(f"The page {out} must end in .html.")
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent}; make it, or give another --out.")
    for path in (out, numbers_beside(out)):
        if path.is_dir():
            raise InputError(f"{path} is a folder; give another --out.")
        if (path.exists() or path.is_symlink()) and not overwrite:
            raise InputError(f"{path} already exists; give --overwrite to replace it, or another --out.")


def numbers_beside(out: Path) -> Path:
    """The file with the numbers of a page."""
    return out.with_suffix(".json")


def write_report(report: Report, out: Path) -> int:
    """Write the page and the numbers; returns the bytes of the page. Raises OSError."""
    text = page(report)
    write_file(numbers_beside(out), report.as_json())
    write_file(out, text)
    return len(text.encode())
