"""Answers by generation: a question and a picture in, the model's text out; it never sees the right answer.

Pictures are opened late, by a thread that works one batch ahead of the model. Within a stretch of
pictures, those of similar size share a batch, the largest first, so that there is little padding and a
lack of memory shows at once; a batch that does not fit into the memory of the GPU is halved, and so are
those after it.

Adapters are merged meanwhile where the base is in a 16-bit type (train/models/merging.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from transformers import GenerationConfig

from datagen.schemas import InputError, RunFailed
from datagen.train.chat.conversation import Template
from datagen.train.config import RetrievalConfig
from datagen.train.data.pictures import picture_size
from datagen.train.data.sources import NEIGHBOURS
from datagen.train.evaluation.batch_size import MOST, ON_CPU, batch_size_for
from datagen.train.models.collator import Collator, Sample
from datagen.train.models.compiling import uncompiled
from datagen.train.models.encoding import Encoder
from datagen.train.models.merging import merged_adapters

if TYPE_CHECKING:
    from datagen.train.models.base import Base

MAX_NEW_TOKENS = 128
MOST_NEW_TOKENS = 4096
BATCHES_ALIKE = 32
"""Batches among which pictures are grouped by size; the encoded pictures of all of them are in memory."""
STRETCH = MOST * 8
"""The same in pictures, if the batch size follows from the memory."""

FailureCallback = Callable[[int, InputError], None]


class _QueuedPicture(NamedTuple):
    """A picture in the queue: its number, its size in tokens or pixels, its encoded value, its neighbours."""

    number: int
    size: int
    value: Any
    neighbours: Sequence[str]

    def row(self, template: Template) -> dict[str, Any]:
        """The row to encode."""
        return {template.image: self.value, NEIGHBOURS: self.neighbours}


class _Batch(NamedTuple):
    """The samples of a batch, the numbers of their pictures, and the errors of other pictures."""

    numbers: list[int]
    samples: list[Sample]
    errors: list[tuple[int, InputError]]


def answers(
    base: Base,
    pictures: Sequence[Any],
    template: Template,
    *,
    neighbours: Sequence[Sequence[str]] | None = None,
    retrieval: RetrievalConfig | None = None,
    batch_size: int | None = None,
    max_new_tokens: int = MAX_NEW_TOKENS,
    progress: Callable[[int], None] | None = None,
    failed: FailureCallback | None = None,
    found: Callable[[int, str], None] | None = None,
) -> list[str]:
    """The model's answers to ``template``'s question about each picture, in the order of ``pictures``.

    Greedy: the same pictures give the same answers. A picture is a value as datasets store it
    (``train/data/pictures.py``); ``pictures`` may be any sequence, and is read once, a stretch at a time.
    ``neighbours``: for each picture the answers that stand in its prompt, as ``retrieval`` says.

    An answer ends before the first of ``base.end_ids``, or after ``max_new_tokens``. ``batch_size``: by
    default as many as fit into the memory of the GPU. ``found`` is called with the number of a picture and
    its answer, as soon as there is one; ``progress`` with the number of answers so far. For a picture that
    cannot be read, ``failed`` is called with its number and the error, and its answer is empty; without
    ``failed``, InputError is raised. The model keeps its mode, training or evaluation.

    Raises InputError for a picture or an option, RunFailed if not even one picture fits into memory.
    """
    if batch_size is not None and batch_size < 1:
        raise InputError(f"--batch-size {batch_size} is too small; give at least 1.")
    if not 1 <= max_new_tokens <= MOST_NEW_TOKENS:
        raise InputError(f"--max-new-tokens {max_new_tokens} is out of range; give 1 to {MOST_NEW_TOKENS}.")
    texts = [""] * len(pictures)
    options = {} if base.num_crops is None else {"num_crops": base.num_crops}
    encode = Encoder(base.processor, template, base.chat, answers=False, retrieval=retrieval, options=options)
    done = 0
    together = STRETCH if batch_size is None else batch_size * BATCHES_ALIKE
    with _evaluating(base.model), merged_adapters(base.model), ThreadPoolExecutor(1, "pictures") as thread:
        while done < len(pictures):
            stretch = range(done, min(done + together, len(pictures)))
            sized = _queued_pictures(base, pictures, neighbours, stretch, failed)
            done += len(stretch) - len(sized)
            if batch_size is None and sized:
                batch_size = _batch_size(base, encode, sized, max_new_tokens)
            batches = _BatchQueue(encode, sized, thread)
            for batch in batches.of(batch_size or 1):
                for number, error in batch.errors:
                    _handle_error(number, error, failed)
                answered, fits = _fitting(base, batch.numbers, batch.samples, max_new_tokens)
                for number, text in answered:
                    texts[number] = text
                    if found is not None:
                        found(number, text)
                batches.size = batch_size = min(batches.size, fits)
                done += len(batch.numbers) + len(batch.errors)
                if progress is not None:
                    progress(done)
    return texts


def _batch_size(base: Base, encode: Encoder, sized: list[_QueuedPicture], max_new_tokens: int) -> int:
    """How many pictures to answer at once, by the longest prompt among some pictures."""
    if not next(base.model.parameters()).is_cuda:
        return ON_CPU
    largest = max(sized, key=lambda one: one.size)
    try:
        tokens = len(encode(largest.row(encode.template))["input_ids"])
    except InputError:  # reported when its batch is made
        return ON_CPU
    return batch_size_for(base.model, tokens, max_new_tokens)


class _BatchQueue:
    """Batches of queued pictures, each prepared by a thread while the model works on the one before.

    ``size`` may be lowered in between.
    """

    def __init__(self, encode: Encoder, sized: list[_QueuedPicture], thread: ThreadPoolExecutor) -> None:
        self.size = 1
        self._encode, self._thread = encode, thread
        self._waiting = sorted(sized, key=lambda one: (-one.size, one.number))

    def of(self, size: int) -> Iterator[_Batch]:
        """The batches, initially of ``size`` pictures."""
        self.size = size
        ahead = self._thread.submit(self._next)
        while True:
            batch = ahead.result()
            if not batch.numbers and not batch.errors:
                return
            ahead = self._thread.submit(self._next)
            yield batch

    def _next(self) -> _Batch:
        now, self._waiting = self._waiting[: self.size], self._waiting[self.size :]
        batch = _Batch([], [], [])
        for one in now:
            try:
                batch.samples.append(self._encode(one.row(self._encode.template)))
                batch.numbers.append(one.number)
            except InputError as error:
                batch.errors.append((one.number, InputError(str(error).removeprefix("its picture "))))
        return batch


def _fitting(
    base: Base, numbers: list[int], samples: list[Sample], max_new_tokens: int
) -> tuple[list[tuple[int, str]], int]:
    """The answers to a batch, in parts if it does not fit into memory, and how many pictures fit."""
    if not numbers:
        return [], MOST_NEW_TOKENS
    try:
        return list(zip(numbers, _generate(base, samples, max_new_tokens), strict=True)), MOST_NEW_TOKENS
    except torch.OutOfMemoryError:
        if len(numbers) == 1:
            raise RunFailed(
                "Not even one picture fits into the memory of the GPU; lower model.num_crops, train with "
                "--method qlora, or use a larger GPU."
            ) from None
    torch.cuda.empty_cache()
    half = -(-len(numbers) // 2)
    answered, most = [], half
    for part in (slice(0, half), slice(half, None)):
        some, fits = _fitting(base, numbers[part], samples[part], max_new_tokens)
        answered += some
        most = min(most, fits)
    return answered, most


def _generate(base: Base, samples: list[Sample], max_new_tokens: int) -> list[str]:
    """Greedy answers, regardless of the model's own generation_config.json."""
    model, tokenizer = base.model, base.processor.tokenizer
    weights = model.get_input_embeddings().weight
    inputs = {
        name: value.to(weights.device, weights.dtype if value.is_floating_point() else value.dtype)
        for name, value in Collator(tokenizer.pad_token_id, side="left")(samples).items()
    }
    greedy = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False,
        num_beams=1,
        repetition_penalty=1.0,
        no_repeat_ngram_size=0,
        max_new_tokens=max_new_tokens,
        eos_token_id=list(base.end_ids),
        pad_token_id=tokenizer.pad_token_id,
        use_cache=True,
    )
    with torch.inference_mode():
        ids = model.generate(**inputs, generation_config=greedy)
    generated = ids[:, inputs["input_ids"].shape[1] :].tolist()
    return [_text(tokenizer, row, frozenset(base.end_ids)) for row in generated]


def _text(tokenizer: Any, ids: list[int], ends: frozenset[int]) -> str:
    """The text before the first end token, without special tokens and surrounding whitespace."""
    stop = next((at for at, token in enumerate(ids) if token in ends), len(ids))
    return str(tokenizer.decode(ids[:stop], skip_special_tokens=True)).strip()


def _queued_pictures(
    base: Base,
    pictures: Sequence[Any],
    neighbours: Sequence[Sequence[str]] | None,
    stretch: range,
    failed: FailureCallback | None,
) -> list[_QueuedPicture]:
    """The pictures of a stretch with their sizes, from their headers."""
    found = []
    for number in stretch:
        try:
            value = pictures[number]
            shown = neighbours[number] if neighbours is not None else ()
            found.append(_QueuedPicture(number, _tokens(base, *picture_size(value)), value, shown))
        except InputError as error:
            _handle_error(number, error, failed)
    return found


def _tokens(base: Base, width: int, height: int) -> int:
    """The tokens that a picture takes, or its pixels if the processor cannot count tokens."""
    count = getattr(base.processor.image_processor, "count_image_tokens", None)
    return int(count(width, height, base.num_crops)) if count is not None else width * height


def _handle_error(number: int, error: InputError, failed: FailureCallback | None) -> None:
    if failed is None:
        raise InputError(f"Picture {number} {error}") from None
    failed(number, error)


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    training = model.training
    model.eval()
    try:
        with uncompiled(model):
            yield
    finally:
        model.train(training)
