"""Picture ids have the forms of the real set's, and never repeat."""

from __future__ import annotations

import re

import numpy as np

from datagen.columns.picture_link import picture_ids
from datagen.schemas.keyed import words


def test_picture_ids_are_guids_and_sha1s_and_never_repeat() -> None:
    raw = words(0, "id", 0, 3 * 5000).reshape(5000, 3)
    sha1 = np.arange(5000) % 3 == 0
    made = picture_ids(raw, sha1).to_pylist()
    guid = r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}"
    for at, text in enumerate(made):
        assert re.fullmatch("[0-9a-f]{40}" if sha1[at] else guid, text)
    assert len(set(made)) == 5000
