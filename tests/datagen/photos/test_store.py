"""The store keeps each content once, remembers what became of each URL, and takes no half file for whole."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from support.photo_server import pictures

from datagen.photos.check import Limits, Photo
from datagen.photos.store import ASIDE, JOURNAL, PhotoStore
from datagen.schemas import InputError, RunFailed

ROOT = Path(__file__).parents[3]
LIMITS = Limits()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("??/*") if path.is_file())


def test_a_picture_is_found_under_its_content(tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        photo = store.add(pictures.jpeg(7), LIMITS)
        assert (photo.kind, photo.width, photo.height) == ("jpg", *pictures.SIZE)
        assert store.read(photo) == pictures.jpeg(7)
        assert [path.name for path in _files(tmp_path)] == [photo.sha256]


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        first = store.add(pictures.jpeg(), LIMITS)
        written = _files(tmp_path)[0].stat().st_mtime_ns
        assert store.add(pictures.jpeg(), LIMITS) == first
        assert [path.stat().st_mtime_ns for path in _files(tmp_path)] == [written]


def test_what_is_no_picture_is_told_and_not_kept(tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        assert store.add(pictures.HTML, LIMITS) == Photo(reason="is HTML, not a picture")
        assert not _files(tmp_path)


def test_outcomes_outlive_the_process(tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        photo = store.add(pictures.png(), LIMITS)
        store.record("http://a/1", photo)
        store.record("http://a/2", Photo(reason="HTTP 404"))
    with PhotoStore(tmp_path) as store:
        assert store.outcome("http://a/1") == photo
        assert store.outcome("http://a/2") == Photo(reason="HTTP 404")
        assert store.outcome("http://a/3") is None
        assert store.missing(["http://a/3", "http://a/1", "http://a/4", "http://a/3"]) == [
            "http://a/3",
            "http://a/4",
        ]


def test_many_urls_are_looked_up_at_once(tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        for number in range(0, 3000, 2):
            store.record(f"http://a/{number}", Photo(reason="HTTP 404"))
        assert len(store.missing(f"http://a/{number}" for number in range(3000))) == 1500


@pytest.mark.parametrize(
    "url", ["", "http://a/\0b", "http://a/\ud800", "'); DROP TABLE outcomes; --", "ä" * 9000]
)
def test_any_text_is_a_key(url: str, tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        store.record(url, Photo(reason="the address is malformed"))
        assert store.outcome(url) == Photo(reason="the address is malformed")
        assert store.outcome("http://a/") is None


def test_a_new_run_forgets_failures_that_may_pass_and_nothing_else(tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        store.record("good", store.add(pictures.jpeg(), LIMITS))
        store.record("gone", Photo(reason="HTTP 404"), permanent=True)
        store.record("busy", Photo(reason="HTTP 503 after 4 attempts"), permanent=False)
    with PhotoStore(tmp_path) as store:
        assert store.missing(["good", "gone", "busy"]) == []
    with PhotoStore(tmp_path, forget_failures=True) as store:
        assert store.missing(["good", "gone", "busy"]) == ["busy"]


def test_a_picture_that_is_lost_is_fetched_again(tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        store.record("u", store.add(pictures.jpeg(), LIMITS))
        _files(tmp_path)[0].write_bytes(pictures.jpeg()[:100])
        assert store.outcome("u") is None
        store.record("u", store.add(pictures.jpeg(), LIMITS))
        assert store.outcome("u") is not None


def test_a_picture_that_was_changed_is_not_read(tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        photo = store.add(pictures.jpeg(), LIMITS)
        store.record("u", photo)
        changed = bytearray(pictures.jpeg())
        changed[1000] ^= 255
        _files(tmp_path)[0].write_bytes(changed)
        with pytest.raises(RunFailed, match="run the same command again"):
            store.read(photo)
        assert store.outcome("u") is None


def test_what_a_killed_run_was_writing_is_removed(tmp_path: Path) -> None:
    PhotoStore(tmp_path).close()
    (tmp_path / ASIDE / "17").write_bytes(b"\xff\xd8\xff half")
    with PhotoStore(tmp_path):
        assert not list((tmp_path / ASIDE).iterdir())


HALF = """
import resource, signal, sys
from datagen.photos.store import Limits, PhotoStore
from tests.support.photo_server import pictures
store = PhotoStore(sys.argv[1])
if sys.argv[2] == "killed":
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    store.add(pictures.jpeg(), Limits())
except OSError:
    print("disk full")
"""


@pytest.mark.parametrize("how", ["killed", "refused"])
def test_a_write_that_ends_in_the_middle_leaves_nothing(how: str, tmp_path: Path) -> None:
    """The system ends the write after 20,000 bytes: by killing the process, or as on a full disk."""
    assert len(pictures.jpeg()) > 25_000
    command = [sys.executable, "-c", HALF, str(tmp_path), how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    expected = (-signal.SIGXFSZ, "") if how == "killed" else (0, "disk full\n")
    assert (done.returncode, done.stdout) == expected
    assert not _files(tmp_path)
    with PhotoStore(tmp_path):
        assert not list((tmp_path / ASIDE).iterdir())


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    open_it = f"from datagen.photos.store import PhotoStore; PhotoStore({str(tmp_path)!r}).close()"
    with PhotoStore(tmp_path):
        done = subprocess.run([sys.executable, "-c", open_it], cwd=ROOT, capture_output=True, text=True)
        assert "InputError: Another run is using" in done.stderr
    subprocess.run([sys.executable, "-c", open_it], cwd=ROOT, check=True)


def test_a_folder_with_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(pictures.jpeg())
    with pytest.raises(InputError, match="is not a folder of pictures that datagen fetched"):
        PhotoStore(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be used"):
        PhotoStore(tmp_path / "file")


def test_a_damaged_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(os.urandom(10_000))
    with pytest.raises(InputError, match="damaged"):
        PhotoStore(tmp_path)


def test_a_journal_of_a_newer_version_is_told(tmp_path: Path) -> None:
    PhotoStore(tmp_path).close()
    journal = sqlite3.connect(tmp_path / JOURNAL)
    journal.execute("PRAGMA user_version = 2")
    journal.close()
    with pytest.raises(InputError, match="newer version"):
        PhotoStore(tmp_path)


def test_a_journal_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    PhotoStore(tmp_path).close()
    journal = sqlite3.connect(tmp_path / JOURNAL)
    journal.execute("INSERT INTO outcomes VALUES ('u', '../../etc/passwd', 'jpg', 1, 1, NULL, 10, 1)")
    journal.commit()
    journal.close()
    with PhotoStore(tmp_path) as store, pytest.raises(InputError, match="damaged"):
        store.outcome("u")


def test_a_journal_on_a_full_disk_is_a_failure_in_one_sentence(tmp_path: Path) -> None:
    with PhotoStore(tmp_path) as store:
        store._journal.execute("PRAGMA max_page_count = 5")  # as many as the disk has left
        with pytest.raises(RunFailed, match=r"cannot be written \(database or disk is full\); free"):
            store.record("http://a/" + "x" * 100_000, Photo(reason="HTTP 404"))
