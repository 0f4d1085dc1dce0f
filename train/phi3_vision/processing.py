"""Texts and pictures as inputs of Phi-3-vision, in batches.

A text refers to its pictures as <|image_1|>, <|image_2|>, ... A picture takes as many positions of
`input_ids` as it has tokens, all of them the negative number of the picture: -1, -1, ..., -2, -2, ... The
text between two pictures is tokenised separately, so each piece begins with its own <s>, as in the
official processor and in the model's training.

The tokenizer is the official tokenizer.json, unchanged. Tokens are looked up by name, never by number.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast
from transformers.feature_extraction_utils import BatchFeature
from transformers.processing_utils import ProcessorMixin

from datagen.schemas import InputError
from datagen.train.phi3_vision.image_processing import Phi3VImageProcessor
from datagen.train.phi3_vision.placeholders import (
    PLACEHOLDER,
    Conversation,
    Pictures,
    assign_pictures,
    count_placeholders,
    name_of,
    write_placeholders,
)

STOP_TOKENS = ("<|end|>", "<|endoftext|>")
MOST_NAMED = 1000
"""Pictures of a text that ``img_tokens`` names."""
CALL_OPTIONS = (
    "num_crops",
    "padding",
    "padding_side",
    "pad_to_multiple_of",
    "truncation",
    "max_length",
    "add_special_tokens",
)


class Phi3VProcessor(ProcessorMixin):
    """The image processor and the tokenizer of Phi-3-vision, combined.

    Raises:
        InputError: One of the two is missing, or the tokenizer has no token to pad with.
    """

    image_processor: Phi3VImageProcessor
    tokenizer: PreTrainedTokenizerFast

    def __init__(
        self,
        image_processor: Phi3VImageProcessor | None = None,
        tokenizer: PreTrainedTokenizerFast | None = None,
        chat_template: str | None = None,
    ) -> None:
        if image_processor is None or tokenizer is None:
            raise InputError("Phi3VProcessor needs both an image_processor and a tokenizer")
        if tokenizer.pad_token_id is None:
            raise InputError("the tokenizer has no pad_token, so it is not Phi-3-vision's")
        super().__init__(  # type: ignore[no-untyped-call]
            image_processor=image_processor,
            tokenizer=tokenizer,
            chat_template=chat_template or tokenizer.chat_template,
        )

    @classmethod
    def from_pretrained(  # type: ignore[override]
        cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any
    ) -> Phi3VProcessor:
        """The processor of a folder or a Hub repository: the official one, unchanged, or a saved one.

        Accepts `num_crops`, `revision`, `cache_dir`, `local_files_only`, `token` and the like. Code next
        to the files is neither run nor asked about.
        """
        crops = {"num_crops": kwargs.pop("num_crops")} if "num_crops" in kwargs else {}
        image_processor = Phi3VImageProcessor.from_pretrained(
            pretrained_model_name_or_path, **kwargs, **crops
        )
        tokenizer = PreTrainedTokenizerFast.from_pretrained(pretrained_model_name_or_path, **kwargs)
        # If saved again, this would send the next reader to the remote code.
        tokenizer.init_kwargs.pop("auto_map", None)
        return cls(image_processor, tokenizer)

    def save_pretrained(
        self, save_directory: str | os.PathLike[str], push_to_hub: bool = False, **kwargs: Any
    ) -> list[str]:
        """Write the processor under the official names: the tokenizer's and preprocessor_config.json.

        transformers 5 adds chat_template.jinja and a processor_config.json that names this class.
        """
        files = [
            *super().save_pretrained(save_directory),
            *self.image_processor.save_pretrained(save_directory),
        ]
        if push_to_hub:
            self.push_to_hub(kwargs.pop("repo_id", Path(save_directory).name), **kwargs)
        return files

    def to_dict(self) -> dict[str, Any]:
        """The contents of processor_config.json; the image processor has its own, official file."""
        return {key: value for key, value in super().to_dict().items() if key != "image_processor"}

    @property
    def model_input_names(self) -> list[str]:
        """The inputs of the model, ids first, since `Trainer` sorts by the length of the first."""
        return ["input_ids", "attention_mask", *self.image_processor.model_input_names]

    @property
    def stop_ids(self) -> list[int]:
        """Ids of <|end|>, the end of a turn, and <|endoftext|>, at which `generate` must stop.

        The `eos_token_id` of the official config.json is 2, which the model never generates.

        Raises:
            InputError: The tokenizer lacks one of them.
        """
        vocabulary = self.tokenizer.get_vocab()
        for token in STOP_TOKENS:
            if token not in vocabulary:
                raise InputError(f"the tokenizer has no {token}, so it is not Phi-3-vision's")
        return [vocabulary[token] for token in STOP_TOKENS]

    @property
    def img_tokens(self) -> list[str]:
        """The names of pictures, as the official processor lists them; vLLM reads it."""
        return [f"<|image_{number}|>" for number in range(1, MOST_NAMED + 1)]

    def calc_num_image_tokens_from_image_size(self, width: int, height: int) -> int:
        """Tokens of a picture of that many pixels, under the official processor's name; vLLM calls it."""
        return self.image_processor.count_image_tokens(width, height)

    def __call__(
        self,
        text: str | Sequence[str] | None = None,
        images: Pictures = None,
        *,
        num_crops: int | None = None,
        padding: bool | str = True,
        padding_side: str | None = None,
        pad_to_multiple_of: int | None = None,
        truncation: bool | str | None = False,
        max_length: int | None = None,
        add_special_tokens: bool = True,
        return_tensors: str | None = "pt",
    ) -> BatchFeature:
        """Ids and tiles of one or several texts.

        Args:
            text: A text or a list of texts. Each refers to its own pictures, from <|image_1|> on, in order.
            images: The pictures in order of their names, as `Phi3VImageProcessor.preprocess` takes them. For
                several texts a list of lists, one per text (None or empty for a text without pictures),
                or one flat list that is distributed by the number of placeholders in each text.
            num_crops: The most tiles of a picture; where None, the image processor's own settings decide.
            padding: True or "longest" pads to the longest text, "max_length" to `max_length`; False does
                not pad.
            padding_side: "left" (to generate) or "right" (to train); the tokenizer's own where None.
            pad_to_multiple_of: Pad to a multiple of this length.
            truncation: Truncate to `max_length` on the tokenizer's `truncation_side`, but never within a
                picture.
            max_length: The most ids of a text, those of its pictures included; the tokenizer's
                `model_max_length` where None. Without `truncation` a longer text is refused.
            add_special_tokens: Begin each piece of text with <s>.
            return_tensors: "pt", "np", or None for lists of ids.

        Returns:
            `input_ids` and `attention_mask` (texts, length), int64; and where there are pictures
            `pixel_values` and `image_sizes` as the image processor returns them, in the order in which the
            texts refer to them.

        Raises:
            InputError: A text skips, repeats or misorders a number, refers to more or fewer pictures than are
                given, or is too long; a picture cannot be read. The message says which.
        """
        if return_tensors not in (None, "pt", "np"):
            raise InputError(f'return_tensors must be "pt", "np" or None, not {return_tensors!r}')
        texts = _listed(text)
        named = [count_placeholders(one, name_of(k, len(texts))) for k, one in enumerate(texts)]
        pictures = assign_pictures(images, named)
        vision = self.image_processor.preprocess(pictures, num_crops=num_crops) if pictures else {}
        slots = iter(vision["num_img_tokens"].tolist() if pictures else [])
        pieces = [piece for one in texts for piece in PLACEHOLDER.split(one)[::2]]
        encoded = self.tokenizer(pieces, add_special_tokens=add_special_tokens, return_attention_mask=False)
        piece_ids = iter(cast("list[list[int]]", encoded["input_ids"]))
        rows = []
        for count in named:
            row = list(next(piece_ids))
            for number in range(1, count + 1):
                row += [-number] * next(slots)
                row += next(piece_ids)
            rows.append(row)
        crops = self.image_processor.num_crops if num_crops is None else num_crops
        rows = self._shortened(rows, max_length, truncation in (True, "longest_first", "only_first"), crops)
        length = _padded_length(rows, padding, pad_to_multiple_of, max_length)
        features = self._padded(rows, length, padding_side or self.tokenizer.padding_side, return_tensors)
        features.update({key: vision[key] for key in ("pixel_values", "image_sizes") if pictures})
        return BatchFeature(features, tensor_type=return_tensors)

    def apply_chat_template(  # type: ignore[override]
        self,
        conversation: Conversation | Sequence[Conversation],
        chat_template: str | None = None,
        *,
        tokenize: bool = False,
        return_dict: bool = False,
        return_tensors: str | None = "pt",
        images: Pictures = None,
        processor_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """The prompt of a conversation, or of several; parts of type "image" are numbered in order.

        Args:
            conversation: Messages with a role and a content, which is a text or a list of parts
                (`write_placeholders`), or a list of such conversations.
            chat_template: Another template than the tokenizer's.
            tokenize: Return ids, not text. The pictures come from the parts or from `images`.
            return_dict: With `tokenize`, everything that `__call__` returns, not only `input_ids`.
            return_tensors: As in `__call__`.
            images: As in `__call__`, if the parts contain none.
            processor_kwargs: Options of `__call__`; they can also be given directly.
            kwargs: `add_generation_prompt`, `continue_final_message`, and variables of the template.

        Raises:
            InputError: A message is malformed, or the errors of `__call__`.
        """
        options = {key: kwargs.pop(key) for key in CALL_OPTIONS if key in kwargs} | dict(
            processor_kwargs or {}
        )
        images = options.pop("images", images)
        many = bool(conversation) and isinstance(conversation[0], (list, tuple))
        conversations = cast("Sequence[Conversation]", conversation if many else [conversation])
        named = [write_placeholders(one) for one in conversations]
        prompts = cast(
            "list[str]",
            super().apply_chat_template(
                [messages for messages, _ in named],
                chat_template=chat_template,
                **kwargs,
            ),
        )
        if not tokenize:
            return prompts if many else prompts[0]
        if images is None:
            images = [pictures for _, pictures in named]
        elif any(pictures for _, pictures in named):
            raise InputError("pictures are given both in the messages and as images; give them in one place")
        features = self(prompts, images, **{"return_tensors": return_tensors, **options})
        return features if return_dict else features["input_ids"]

    def decode(self, token_ids: Any, skip_special_tokens: bool = False, **kwargs: Any) -> Any:
        """The text of a row of ids, or a list of texts for a list of rows.

        The slots of picture n become <|image_n|>, or nothing with `skip_special_tokens`, which also drops the
        -100 of labels.
        """
        ids = token_ids.tolist() if isinstance(token_ids, (torch.Tensor, np.ndarray)) else token_ids
        if isinstance(ids, int):
            ids = [ids]
        if len(ids) and not isinstance(ids[0], int):
            return [self.decode(row, skip_special_tokens, **kwargs) for row in ids]
        text = ""
        for number, run in itertools.groupby(ids, key=lambda token: min(token, 0)):
            if number == 0:
                text += str(
                    self.tokenizer.decode(list(run), skip_special_tokens=skip_special_tokens, **kwargs)
                )
            elif not skip_special_tokens:
                text += f"<|image_{-number}|>"
        return text

    def batch_decode(self, sequences: Any, skip_special_tokens: bool = False, **kwargs: Any) -> list[str]:
        """The texts of several rows of ids, as by `decode`."""
        return [self.decode(row, skip_special_tokens, **kwargs) for row in sequences]

    def post_process_image_text_to_text(
        self, generated_outputs: Any, skip_special_tokens: bool = True, **kwargs: Any
    ) -> Any:
        """Called by `pipeline("image-text-to-text")` to decode ids, including prompts."""
        return self.decode(generated_outputs, skip_special_tokens, **kwargs)

    def _shortened(
        self, rows: list[list[int]], max_length: int | None, truncation: bool, crops: int
    ) -> list[list[int]]:
        limit = self.tokenizer.model_max_length if max_length is None else max_length
        if limit < 1:
            raise InputError(f"max_length must be at least 1, not {limit}")
        left = self.tokenizer.truncation_side == "left"
        short = []
        for k, row in enumerate(rows):
            kept, lost = (row[-limit:], row[:-limit]) if left else (row[:limit], row[limit:])
            hurt = next((-token for token in lost if token < 0), None)
            if lost and (hurt is not None or not truncation):
                what = f"which would cut picture {hurt}" if hurt else "and truncation is off"
                lower = f"lower num_crops (now {crops}) or " if min(row) < 0 else ""
                raise InputError(
                    f"{name_of(k, len(rows))} has {len(row)} ids, more than the {limit} allowed, {what}; "
                    f"{lower}raise max_length"
                )
            short.append(kept)
        return short

    def _padded(
        self, rows: list[list[int]], length: int | None, side: str, return_tensors: str | None
    ) -> dict[str, Any]:
        if side not in ("left", "right"):
            raise InputError(f'padding_side must be "left" or "right", not {side!r}')
        ids, mask = [], []
        for row in rows:
            empty = 0 if length is None else length - len(row)
            before, after = (empty, 0) if side == "left" else (0, empty)
            pad = self.tokenizer.pad_token_id
            ids.append([pad] * before + row + [pad] * after)
            mask.append([0] * before + [1] * len(row) + [0] * after)
        if return_tensors is None:
            return {"input_ids": ids, "attention_mask": mask}
        if len({len(row) for row in ids}) > 1:
            raise InputError(
                "the texts differ in length; pass padding=True, or return_tensors=None for lists"
            )
        return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}


def _padded_length(
    rows: list[list[int]], padding: bool | str, multiple: int | None, max_length: int | None
) -> int | None:
    """Length of every row after padding; None without padding."""
    if padding in (False, "do_not_pad"):
        return None
    if padding == "max_length" and max_length is not None:
        length = max_length
    elif padding in (True, "longest"):
        length = max(map(len, rows))
    else:
        raise InputError(
            f'padding must be True, False, "longest", or "max_length" with a max_length, not {padding!r}'
        )
    return -(-length // multiple) * multiple if multiple else length


def _listed(text: str | Sequence[str] | None) -> list[str]:
    texts = [text] if isinstance(text, str) else list(text or [])
    if not texts or not all(isinstance(one, str) for one in texts):
        raise InputError("text must be a string or a non-empty list of strings")
    for k, one in enumerate(texts):
        try:
            one.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"{name_of(k, len(texts))} has half a character (lone surrogate) at {error.start}; remove it"
            ) from error
    return texts
