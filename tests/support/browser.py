"""Pages in a real browser, headless."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
in_a_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium; install it to test the page")


def opened(page: Path, state: str = "", *options: str) -> tuple[str, str]:
    """The document once its script ran, and what the browser had to say."""
    words = [
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--dump-dom",
        f"--user-data-dir={page.parent / 'browser'}", *options, f"{page.as_uri()}{'#' * bool(state)}{state}",
    ]  # fmt: skip
    done = subprocess.run(
        [str(BROWSER), *words], capture_output=True, text=True, timeout=120, check=True, encoding="utf-8"
    )
    said = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    return done.stdout, said
