"""Addresses: what is one, and what is refused before anything is connected."""

from __future__ import annotations

import sys

import pytest

from datagen.schemas import InputError, RunFailed
from datagen.schemas.addresses import is_address, open_store, store_errors


@pytest.mark.parametrize(
    "name", ["s3://bucket/prefix", "gs://b/p", "hf://datasets/a/b", "FTP://x", "a+b.c-d://x"]
)
def test_an_address_has_a_scheme(name: str) -> None:
    assert is_address(name)


@pytest.mark.parametrize("name", ["set", "./a://b", "/s3://x", "s3:/x", "owner/name", "://x", "", "3s://x"])
def test_a_path_or_a_name_has_none(name: str) -> None:
    assert not is_address(name)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://x/y", "begins with ftp://, and only s3://, gs://, hf:// are read and written"),
        ("file:///etc/passwd", "begins with file://"),
        ("s3://bucket", "names no place for a dataset; give s3://BUCKET/PREFIX"),
        ("s3:///prefix", "names no place"),
        ("s3://bucket/a/../b", "names no place"),
    ],
)
def test_what_is_no_place_for_a_dataset_is_refused(address: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        open_store(address)
    assert said in str(refused.value)


def test_a_store_whose_client_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(
        InputError, match="gs://b/p needs gcsfs, which is not installed; run pip install gcsfs"
    ):
        open_store("gs://b/p")


class NoCredentialsError(Exception):
    """Named as botocore names its own."""


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (PermissionError("Access Denied"), InputError, "refuses access (Access Denied); give credentials"),
        (FileNotFoundError("no bucket"), InputError, "cannot be used (no bucket); does the bucket exist?"),
        (
            NoCredentialsError("Unable to\nlocate"),
            InputError,
            "There are no credentials for s3://b/p (Unable to locate)",
        ),
        (ValueError(""), RunFailed, "s3://b/p failed (ValueError); run the same command again"),
        (RunFailed("as it is"), RunFailed, "as it is"),
    ],
)
def test_what_a_client_raises_becomes_one_sentence(
    error: Exception, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as raised, store_errors("s3://b/p"):
        raise error
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
