"""Conversations encoded as tokens, by the model's own processor.

The answer and its end token are learned; everything else has the label IGNORED. A sample is never
truncated: one that is too long is refused with the setting to change, since truncation would hit the
answer or the picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from datagen.schemas import InputError
from datagen.schemas.keyed import I64
from datagen.train.chat.conversation import Chat, Template
from datagen.train.config import RetrievalConfig
from datagen.train.data.pictures import open_picture
from datagen.train.data.sources import NEIGHBOURS
from datagen.train.models.collator import IGNORED, Sample, is_sequence
from datagen.train.private_apis.loading import count_picture_tokens

Size = tuple[int, int]
"""Width and height of a picture in pixels."""
SMALL_PICTURE = (64, 64)


class Encoder:
    """Encodes rows as samples: ``encoder(row)``.

    A sample holds 1-D tensors over its tokens (``input_ids``, ``attention_mask``, and whatever else the
    processor returns of that length) and the processor's tensors of the picture, with a first dimension of 1.
    With ``answers`` the answer follows the prompt and ``labels`` marks what is learned; without, the sample
    ends where the model continues. ``options`` are passed to the processor: ``num_crops`` for Phi-3-vision,
    ``min_pixels`` and ``max_pixels`` for Qwen2.5-VL.

    A row that has neighbours (``sources.NEIGHBOURS``) gets their answers into its prompt, after the
    question; ``retrieval`` says under which line and in how many tokens at most. ``answer_type``: the
    ``token_type_ids`` of an answer. A row without a picture becomes a prompt without one, or is refused if
    the model ``needs_picture``. Raises InputError, a clause to follow the row's name, for a picture that
    cannot be read and for a sample of more than ``max_length`` tokens.
    """

    def __init__(
        self,
        processor: Any,
        template: Template,
        chat: Chat | None = None,
        *,
        answers: bool = True,
        answer_type: int = 0,
        needs_picture: bool = False,
        max_length: int | None = None,
        retrieval: RetrievalConfig | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.template = template
        self.chat = chat or Chat()
        self.answers = answers
        self.needs_picture = needs_picture
        self._answer_values = {"attention_mask": 1, "token_type_ids": answer_type}
        self.max_length = max_length
        self.retrieval = retrieval or RetrievalConfig()
        self._processor = processor
        self._tokenizer = processor.tokenizer
        self._options = dict(options or {})
        self._sizes: dict[Size, tuple[int, int]] = {}

    def __call__(self, row: Mapping[str, Any]) -> Sample:
        """The sample of a row as ``Source.row`` returns it."""
        sample = self._prompt(row.get(self.template.image), self.question(row.get(NEIGHBOURS, ())))
        prompt_length = len(sample["input_ids"])
        if self.answers:
            answer = torch.tensor(self.answer_ids(row))
            for name in [name for name in sample if is_sequence(sample, name, prompt_length)]:
                value = self._answer_values.get(name, 0)
                after = answer if name == "input_ids" else torch.full_like(answer, value)
                sample[name] = torch.cat([sample[name], after.to(sample[name].dtype)])
            sample["labels"] = torch.cat([torch.full((prompt_length,), IGNORED), answer])
        self._refuse_long(sample)
        return sample

    def answer_ids(self, row: Mapping[str, Any]) -> list[int]:
        """The tokens to learn from a row: its answer and the end token."""
        return self._answer_ids([self.answer_text(row)])[0]

    def answer_text(self, row: Mapping[str, Any]) -> str:
        """The answer of a row, without any text that this tokenizer would read as a special token."""
        return self._plain(self.template.text(self.template.fields(row)))

    def question(self, neighbours: Sequence[str]) -> str:
        """The question, followed by the answers of neighbours as far as ``retrieval.max_tokens`` allow."""
        if not neighbours:
            return self.template.question
        texts = [self._plain(text) for text in neighbours]
        tokens = self._tokenizer(texts, add_special_tokens=False)["input_ids"]
        sums = np.cumsum([len(ids) for ids in tokens])
        shown = texts[: int((sums <= self.retrieval.max_tokens).sum())]
        lines = [self.template.question, self.retrieval.introduction, *shown]
        return "\n".join(lines) if shown else self.template.question

    def lengths(self, rows: Sequence[Mapping[str, Any]], sizes: Sequence[Size | None]) -> tuple[I64, I64]:
        """Tokens (int64) of the samples of rows, and how many of them are the picture's.

        ``rows``: the fields of the answers, with their neighbours; ``sizes``: (width, height) of the
        pictures, None for none.
        """
        ids = self._answer_ids([self.answer_text(row) for row in rows]) if self.answers and rows else []
        answers = [len(mine) for mine in ids] or [0] * len(rows)
        prompts = [self._prompt_tokens(size) for size in sizes]
        more = self._tokens_of_neighbours([row.get(NEIGHBOURS, ()) for row in rows])
        whole = [sum(parts) for parts in zip(answers, [prompt for prompt, _ in prompts], more, strict=True)]
        return np.array(whole, dtype=np.int64), np.array([own for _, own in prompts], dtype=np.int64)

    @cached_property
    def _special(self) -> re.Pattern[str] | None:
        known = [token.content for token in self._tokenizer.added_tokens_decoder.values() if token.special]
        return re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True)))) if known else None

    def _plain(self, text: str) -> str:
        """``text`` without anything that this tokenizer would read as a special token."""
        return self._special.sub(" ", text) if self._special else text

    def _tokens_of_neighbours(self, neighbours: Sequence[Sequence[str]]) -> list[int]:
        """How many tokens the neighbours of each row add to its prompt.

        A prompt begins with the same question with and without them, so what stands before that, a picture or
        not, makes no difference.
        """
        if not any(neighbours):
            return [0] * len(neighbours)
        texts = [self.question(some) + self.chat.after for some in neighbours]
        plain, *others = self._tokenizer([self.template.question + self.chat.after, *texts])["input_ids"]
        return [len(ids) - len(plain) for ids in others]

    def _answer_ids(self, texts: list[str]) -> list[list[int]]:
        turns = [self.chat.lead + text + self.chat.end for text in texts]
        ids: list[list[int]] = self._tokenizer(turns, add_special_tokens=False)["input_ids"]
        return ids

    def _prompt(self, picture: Any, question: str) -> Sample:
        text = self.chat.prompt(question, picture=picture is not None)
        images = {}
        if picture is None and self.needs_picture:
            raise InputError("it has no picture, without which this model cannot be asked")
        if picture is not None:
            try:
                images = {"images": [[open_picture(picture)]]}
            except InputError as error:
                raise InputError(f"its picture {error}") from None
        features = self._processor(text=[text], **images, **self._options, return_tensors="pt")
        length = features["input_ids"].shape[1]
        return {
            name: value[0] if value.ndim == 2 and value.shape == (1, length) else value
            for name, value in features.items()
            if isinstance(value, Tensor) and name != "labels"  # PaliGemma's processor adds some
        }

    def _refuse_long(self, sample: Sample) -> None:
        ids = sample["input_ids"]
        if self.max_length is None or len(ids) <= self.max_length:
            return
        slots = picture_slots(self._processor, ids)
        setting = "num_crops" if int(ids.min()) < 0 else "the size of pictures"
        settings = [setting] * bool(slots) + ["retrieval.k"] * (self.retrieval.index is not None)
        less = f"lower {' or '.join(settings)} or raise max_length" if settings else "raise max_length"
        raise InputError(
            f"its sample has {len(ids):,} tokens, {slots:,} of them its picture, and max_length is "
            f"{self.max_length:,}; {less}."
        )

    def _prompt_tokens(self, size: Size | None) -> tuple[int, int]:
        """Tokens of the prompt with a picture of that size, and how many of them are the picture's."""
        if size is None:
            return self._tokens_without_picture, 0
        if size not in self._sizes:
            own = _count(self._processor, size, self._options)
            self._sizes[size] = (
                self._encoded_tokens(size) if own is None else (self._tokens_around_picture + own, own)
            )
        return self._sizes[size]

    @cached_property
    def _tokens_without_picture(self) -> int:
        """Tokens of the prompt of a row without a picture."""
        return len(self._tokenizer(self.chat.prompt(self.template.question, picture=False))["input_ids"])

    @cached_property
    def _tokens_around_picture(self) -> int:
        """Tokens of the prompt of a row with a picture, except for those of the picture itself."""
        whole, _ = self._encoded_tokens(SMALL_PICTURE)
        return whole - (_count(self._processor, SMALL_PICTURE, self._options) or 0)

    def _encoded_tokens(self, size: Size) -> tuple[int, int]:
        """Tokens of the prompt with a picture of that size, and of the picture, by encoding a blank one."""
        text, picture = self.chat.prompt(self.template.question), Image.new("RGB", size)
        features = self._processor(text=[text], images=[[picture]], **self._options, return_tensors="pt")
        ids = features["input_ids"][0]
        return len(ids), picture_slots(self._processor, ids)


def _count(processor: Any, size: Size, options: Mapping[str, Any]) -> int | None:
    """Tokens of a picture of (width, height) pixels if the processor can count them, else None."""
    count = getattr(processor.image_processor, "count_image_tokens", None)
    if count is not None:
        return int(count(*size, options.get("num_crops")))
    return count_picture_tokens(processor, size, **options)


def picture_slots(processor: Any, ids: Tensor) -> int:
    """How many of some token ids stand for pictures: the negative ones (Phi-3-vision) or the image tokens."""
    known = [token for token in getattr(processor, "image_token_ids", ()) if token is not None]
    return int((ids < 0).sum()) or int(torch.isin(ids, torch.tensor(known, dtype=ids.dtype)).sum())


def chat_of(processor: Any) -> Chat:
    """The chat format of a model, derived by applying its chat template to a marked conversation.

    For architectures other than Phi-3-vision (Qwen2.5-VL, SmolVLM). Raises InputError where the template
    turns the conversation into something else than texts around a question and an answer.
    """
    question, answer = "the-question-stands-here", "the-answer-stands-here"
    request = [{"type": "text", "text": question}]
    user = {"role": "user", "content": [{"type": "image"}, *request]}
    model = {"role": "assistant", "content": [{"type": "text", "text": answer}]}

    def applied(*messages: dict[str, Any], go_on: bool) -> str:
        return str(processor.apply_chat_template(list(messages), add_generation_prompt=go_on, tokenize=False))

    try:
        shown, after = applied(user, go_on=True).split(question)
        plain = applied({"role": "user", "content": request}, go_on=True).split(question)[0]
        turn = applied(user, model, go_on=False).removeprefix(shown + question + after)
        lead, end = turn.split(answer)
    except Exception as error:  # templates are programs and can raise anything
        raise InputError(
            f"The model's chat template cannot be used ({type(error).__name__}: {error})."
        ) from None
    same = next((at for at, (a, b) in enumerate(zip(shown, plain, strict=False)) if a != b), len(plain))
    if question in lead or not end.strip():
        raise InputError(
            "The model's chat template does not end an answer with a token, so it cannot be used."
        )
    before = shown[:same].removeprefix(_automatic_start(processor.tokenizer))
    return Chat(before=before, picture=shown[same:], after=after, lead=lead, end=end.rstrip())


def _automatic_start(tokenizer: Any) -> str:
    """The start token if the tokenizer adds it to every text: a template that has it, too, would double
    it.
    """
    start = getattr(tokenizer, "bos_token_id", None)
    return str(tokenizer.bos_token) if start is not None and tokenizer("")["input_ids"][:1] == [start] else ""
