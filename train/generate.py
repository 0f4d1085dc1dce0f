"""Answers by generation: a question and a picture in, the model's own words out; it never sees an answer.

Pictures are opened late, by a thread that works one batch ahead of the model. Within a stretch of pictures,
those that take as many tokens come into the same batch, the largest first, so that little is padded and a
lack of memory shows at once; a batch that does not fit into the memory of the GPU is halved, and so are
those after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from PIL import Image
from transformers import GenerationConfig

from schemas import InputError, RunFailed
from train.conversation import Template
from train.pictures import open_picture, picture_size

if TYPE_CHECKING:
    from train.base_model import Base

BATCH_SIZE = 8
MAX_NEW_TOKENS = 128
MOST_NEW_TOKENS = 4096
BATCHES_ALIKE = 32
"""Batches among which pictures of like size are put together; so many encoded pictures are in memory."""

Failed = Callable[[int, InputError], None]


class _Sized(NamedTuple):
    """A picture that waits: its number, the tokens or pixels that it takes, and its encoded value."""

    number: int
    size: int
    value: Any


class _Ready(NamedTuple):
    """Opened pictures and their numbers, with the model's inputs on the CPU."""

    numbers: list[int]
    images: list[Image.Image]
    inputs: dict[str, torch.Tensor]


def answers(
    base: Base,
    pictures: Sequence[Any],
    template: Template,
    *,
    batch_size: int = BATCH_SIZE,
    max_new_tokens: int = MAX_NEW_TOKENS,
    progress: Callable[[int], None] | None = None,
    failed: Failed | None = None,
) -> list[str]:
    """What the model answers to ``template``'s question about each picture, in the order of ``pictures``.

    Greedy: the same pictures give the same answers. A picture is an opened one or its encoded value
    (``pictures.open_picture``); ``pictures`` may be any sequence, and is read once, a stretch at a time. An
    answer ends before the first of ``base.end_ids``, or after ``max_new_tokens``. ``progress`` is called with
    the number of answers so far. A picture that cannot be read is told to ``failed``, by its number, and its
    answer is empty; without ``failed`` it raises InputError. The model is left in the mode, training or
    evaluation, in which it was.

    Raises InputError for a picture or an option, RunFailed where not even one picture fits into memory.
    """
    if batch_size < 1:
        raise InputError(f"A batch of {batch_size} has no pictures; give a batch size of 1 or more.")
    if not 1 <= max_new_tokens <= MOST_NEW_TOKENS:
        raise InputError(f"{max_new_tokens} new tokens cannot be; give 1 to {MOST_NEW_TOKENS}.")
    said = [""] * len(pictures)
    at, done = 0, 0
    with _evaluating(base.model), ThreadPoolExecutor(1, "pictures") as thread:
        while at < len(pictures):
            stretch = range(at, min(at + batch_size * BATCHES_ALIKE, len(pictures)))
            sized = _sized(base, pictures, stretch, failed)
            done += len(stretch) - len(sized)
            batches = _Batches(base, template, sized, failed, thread)
            for ready, asked in batches.of(batch_size):
                told, fits = _fitting(base, template, ready, max_new_tokens)
                for number, text in told:
                    said[number] = text
                batch_size = min(batch_size, fits)
                batches.size = batch_size
                done += asked
                if progress is not None:
                    progress(done)
            at = stretch.stop
    return said


class _Batches:
    """Batches of waiting pictures, each made ready by a thread while the model is busy with the one before.

    ``size`` may be lowered on the way.
    """

    def __init__(
        self,
        base: Base,
        template: Template,
        sized: list[_Sized],
        failed: Failed | None,
        thread: ThreadPoolExecutor,
    ) -> None:
        self.size = 0
        self._base, self._template, self._failed, self._thread = base, template, failed, thread
        self._waiting = sorted(sized, key=lambda one: (-one.size, one.number))

    def of(self, size: int) -> Iterator[tuple[_Ready, int]]:
        """The batches, and how many pictures were taken for each; unreadable ones are not in it."""
        self.size = size
        ahead = self._thread.submit(self._next)
        while True:
            ready, taken, faults = ahead.result()
            for number, error in faults:
                _report(number, error, self._failed)
            if not taken:
                return
            ahead = self._thread.submit(self._next)
            yield ready, taken

    def _next(self) -> tuple[_Ready, int, list[tuple[int, InputError]]]:
        now, self._waiting = self._waiting[: self.size], self._waiting[self.size :]
        numbers, images, faults = [], [], []
        for one in now:
            try:
                images.append(_opened(one.value))
                numbers.append(one.number)
            except InputError as error:
                faults.append((one.number, error))
        return _Ready(numbers, images, _inputs(self._base, self._template, images)), len(now), faults


def _fitting(
    base: Base, template: Template, ready: _Ready, max_new_tokens: int
) -> tuple[list[tuple[int, str]], int]:
    """The answers to a batch, in parts if it does not fit into memory, and how many pictures do fit."""
    count = len(ready.numbers)
    if not count:
        return [], MOST_NEW_TOKENS
    try:
        texts = _generate(base, ready.inputs, max_new_tokens)
        return list(zip(ready.numbers, texts, strict=True)), MOST_NEW_TOKENS
    except torch.OutOfMemoryError:
        if count == 1:
            raise RunFailed(
                "Not even one picture fits into the memory of the GPU; lower num_crops, load the model with "
                "--method qlora, or take a larger GPU."
            ) from None
    torch.cuda.empty_cache()
    half = -(-count // 2)
    told, most = [], half
    for part in (slice(0, half), slice(half, count)):
        images = ready.images[part]
        again = _Ready(ready.numbers[part], images, _inputs(base, template, images))
        some, fits = _fitting(base, template, again, max_new_tokens)
        told += some
        most = min(most, fits)
    return told, most


def _generate(base: Base, inputs: dict[str, torch.Tensor], max_new_tokens: int) -> list[str]:
    """Greedy answers, whatever habits the model's own generation_config.json has."""
    model, tokenizer = base.model, base.processor.tokenizer
    weights = model.get_input_embeddings().weight
    moved = {
        name: value.to(weights.device, weights.dtype if value.is_floating_point() else value.dtype)
        for name, value in inputs.items()
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
        ids = model.generate(**moved, generation_config=greedy)
    written = ids[:, inputs["input_ids"].shape[1] :].tolist()
    return [_text(tokenizer, row, frozenset(base.end_ids)) for row in written]


def _text(tokenizer: Any, ids: list[int], ends: frozenset[int]) -> str:
    """The text before the first end token, without special tokens and outer spaces."""
    stop = next((at for at, token in enumerate(ids) if token in ends), len(ids))
    return str(tokenizer.decode(ids[:stop], skip_special_tokens=True)).strip()


def _inputs(base: Base, template: Template, images: list[Image.Image]) -> dict[str, torch.Tensor]:
    """The model's inputs for the question about each picture, padded on the left."""
    if not images:
        return {}
    crops = {} if base.num_crops is None else {"num_crops": base.num_crops}
    features = base.processor(
        text=[base.chat.prompt(template.question)] * len(images),
        images=[[image] for image in images],
        padding=True,
        padding_side="left",
        return_tensors="pt",
        **crops,
    )
    return dict(features)


def _sized(base: Base, pictures: Sequence[Any], stretch: range, failed: Failed | None) -> list[_Sized]:
    """The pictures of a stretch with their sizes, from their headers."""
    found = []
    for number in stretch:
        try:
            value = pictures[number]
            width, height = value.size if isinstance(value, Image.Image) else picture_size(value)
            found.append(_Sized(number, _tokens(base, width, height), value))
        except InputError as error:
            _report(number, error, failed)
    return found


def _tokens(base: Base, width: int, height: int) -> int:
    """The tokens that a picture takes, or its pixels where the family's processor cannot tell."""
    count = getattr(base.processor.image_processor, "count_image_tokens", None)
    return int(count(width, height, base.num_crops)) if count is not None else width * height


def _opened(value: Any) -> Image.Image:
    return value.convert("RGB") if isinstance(value, Image.Image) else open_picture(value)


def _report(number: int, error: InputError, failed: Failed | None) -> None:
    if failed is None:
        raise InputError(f"Picture {number} {error}") from None
    failed(number, error)


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)
