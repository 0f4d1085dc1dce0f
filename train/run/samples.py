"""The samples of a run: their encoding, their order in training, and the validation rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.schemas.keyed import I64, permutation
from datagen.train.chat.answers import parse
from datagen.train.config import RunConfig
from datagen.train.data.mixture import CachingMixture, Mixture, Order, RowSubset
from datagen.train.data.run_data import RunData
from datagen.train.data.sources import Source, fields_of
from datagen.train.evaluation.generate import answers
from datagen.train.evaluation.held_out import RowPictures
from datagen.train.evaluation.scoring import score
from datagen.train.models.architectures import Architecture, chat_for, fixed_crops
from datagen.train.models.base import Base
from datagen.train.models.encoding import Encoder
from datagen.train.run.tracking import SampleAnswer, Tracker
from datagen.train.run.trainer import AnswerScorer

ROOM = 16
"""Tokens that a generated answer may have beyond one and a half times the longest right answer."""


def encoder_for(config: RunConfig, processor: Any, architecture: Architecture) -> Encoder:
    """The encoder of rows as samples with labels, by the model's own processor."""
    return Encoder(
        processor,
        config.data.template,
        chat_for(architecture, processor),
        answer_type=architecture.answer_type,
        needs_picture=architecture.needs_picture,
        max_length=config.data.max_length,
        retrieval=config.retrieval,
        options=picture_options(processor, architecture),
    )


def picture_options(processor: Any, architecture: Architecture) -> dict[str, Any]:
    """The options about pictures for each call of the processor."""
    crops = fixed_crops(processor, architecture)
    return {} if crops is None else {"num_crops": crops}


def order_of(config: RunConfig, data: RunData, processes: int) -> Order:
    """The order of samples: equal for any number of processes if the samples per step are equal.

    ``data``: with their rows checked, since the order rests on the lengths.
    """
    training = config.training
    return Order(
        *data.rows,
        seed=config.data.seed,
        share=config.data.synthetic_share,
        step=training.batch_size * training.accumulation * processes,
        lengths=_lengths(data) if config.data.group_by_length else None,
        bounds=data.bounds,
    )


def mixture_of(config: RunConfig, data: RunData, order: Order, encode: Encoder) -> Mixture:
    """The training stream. A smoke run, whose samples are tiny, encodes each row once."""
    return (CachingMixture if config.smoke else Mixture)(order, data.sources, encode)


def _lengths(data: RunData) -> tuple[I64, I64] | None:
    if data.checks is None:
        return None
    sizes = [0 if source is None else len(source) for source in data.sources]
    real, synthetic = (data.checks.lengths(part, size) for part, size in enumerate(sizes))
    return real, synthetic


@dataclass(frozen=True)
class Validation:
    """Validation rows: their samples for the loss, and the rows among them that the model answers."""

    source: Source
    samples: RowSubset
    generated: I64
    title_families: I64
    encode: Encoder
    seed: int

    def scorer(self, base: Base, config: RunConfig, tracker: Tracker, *, writes: bool) -> AnswerScorer:
        """A function that answers the rows and scores the answers, in the process that ``writes`` alone."""
        template = self.encode.template
        truth = fields_of(self.source, self.generated, template)
        texts = [template.text(fields) for fields in truth]
        pictures = RowPictures(self.source, self.generated, template)
        neighbours = [self.source.neighbours(row) for row in self.generated.tolist()]
        longest = max(len(self.encode.answer_ids(fields)) for fields in truth)

        def score_answers(step: int) -> Mapping[str, float]:
            if not writes:
                return {}
            unread: set[int] = set()  # whose answers are empty, and wrong
            generated = answers(
                base,
                pictures,
                template,
                neighbours=neighbours,
                retrieval=config.retrieval,
                max_new_tokens=longest + longest // 2 + ROOM,
                # Only streamed pictures were not checked before the run.
                failed=(lambda number, error: unread.add(number)) if self.source.remote else None,
            )
            shown = [number for number in range(len(texts)) if number not in unread]
            if config.tracking.pictures:
                tracker.answers(
                    step,
                    [
                        SampleAnswer(pictures[number], texts[number], generated[number])
                        for number in shown[: config.tracking.pictures]
                    ],
                )
            parsed = [parse(text, template) for text in generated]
            found = score(truth, parsed, self.title_families, template, seed=self.seed, resamples=1)
            return {name: estimate.value for name, estimate in found.estimates.items()}

        return score_answers


def validation_of(config: RunConfig, data: RunData, encode: Encoder) -> Validation | None:
    """The validation rows for evaluations during training, drawn with the seed; None if there are none."""
    rows = data.validation_rows
    if not len(rows):
        return None
    drawn = rows[permutation(config.data.seed, "validation rows", 0, len(rows))]
    used = np.sort(drawn[: config.training.evaluate_rows])
    generated = np.sort(drawn[: config.training.generate_rows])
    return Validation(
        source=data.held,
        samples=RowSubset(data.held, used, encode, data.held_part),
        generated=generated,
        title_families=data.split.title_family[generated],
        encode=encode,
        seed=config.data.seed,
    )
