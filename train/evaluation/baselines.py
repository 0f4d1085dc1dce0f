"""What a model must beat: answers without any training, in the form of a model's answers.

``majority`` always gives the same answer: the most frequent category of the training rows, its median
price and its most frequent title. ``nearest`` answers with the fields of the training row whose picture
is most similar in colours and edges. A model that does not beat the first ignores the picture; one that
does not beat the second sees no more than a histogram.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from datagen.schemas import InputError
from datagen.schemas.keyed import F64, I64
from datagen.train.chat.conversation import Fields, Template, Value
from datagen.train.data.picture_features import F32

LEAST_SPREAD = 0.005
"""Minimum standard deviation of a feature: a shade that occurs once must not outweigh the rest."""
CHUNK = 512


def majority(training: Sequence[Fields], template: Template) -> Fields:
    """The answer of the majority baseline: fields of the training rows' most frequent category.

    Text is the most frequent value there, ties resolved alphabetically; a number is the median of the known
    ones. Without a category, all rows count. Raises InputError without training rows.
    """
    if not training:
        raise InputError("A baseline needs training rows.")
    rows = list(training)
    if template.category is not None:
        largest = _most_frequent([fields[template.category] for fields in rows])
        rows = [fields for fields in rows if fields[template.category] == largest]
    answer: Fields = {}
    for one in template.answer_fields:
        values = [fields[one.field] for fields in rows]
        if one.field in template.numbers:
            known = [value for value in values if isinstance(value, float)]
            answer[one.field] = float(np.median(known)) if known else None
        else:
            answer[one.field] = _most_frequent(values)
    return answer


def nearest(training: Sequence[Fields], training_features: F32, features: F32) -> list[Fields]:
    """For each picture, the fields of the training row whose picture is most similar; the first among equals.

    ``training_features`` (training rows, n) and ``features`` (pictures, n) are from
    ``data.picture_features.picture_features``.
    """
    return [dict(training[at]) for at in nearest_rows(training_features, features)]


def nearest_rows(training: F32, features: F32) -> I64:
    """For each row of ``features``, the row (int64) of ``training`` at the least Euclidean distance.

    Each feature counts by its spread over ``training``; among equal rows, the first. Raises InputError
    without training rows.
    """
    if not len(training):
        raise InputError("A baseline needs training rows.")
    # Products of equal rows may differ in their last bits, so each distinct row is searched once.
    first = np.sort(np.unique(training, axis=0, return_index=True)[1])
    middle = training.mean(axis=0, dtype=np.float64)
    spread = np.maximum(training.std(axis=0, dtype=np.float64), LEAST_SPREAD)
    known: F64 = (training[first] - middle) / spread
    squares = (known**2).sum(axis=1)
    found = [
        np.argmin(squares - 2 * ((features[start : start + CHUNK] - middle) / spread) @ known.T, axis=1)
        for start in range(0, len(features), CHUNK)
    ]
    return first[np.concatenate(found)].astype(np.int64) if found else np.empty(0, dtype=np.int64)


def _most_frequent(values: Sequence[Value]) -> Value:
    """The most frequent value; ties resolved alphabetically."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], str(value)))
