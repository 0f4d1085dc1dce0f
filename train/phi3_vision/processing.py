"""Texts and pictures to what Phi-3-vision reads, many at a time.

A text names its pictures <|image_1|>, <|image_2|>, ... A picture takes as many positions of `input_ids` as it has tokens, all
of them the negative number of the picture: -1, -1, ..., -2, -2, ... The text between two pictures is tokenised by itself, so
each piece begins with its own <s>. That is how the official processor does it and how the model was trained.

The tokenizer is the official tokenizer.json as it stands. Its tokens are asked for by name, never by number.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import torch
from transformers import PreTrainedTokenizerFast
from transformers.image_processing_utils import BatchFeature
from transformers.processing_utils import ProcessorMixin

from schemas import InputError
from train.phi3_vision.image_processing import Phi3VImageProcessor, Picture

PLACEHOLDER = re.compile(r"<\|image_([0-9]+)\|>")
STOP_TOKENS = ("<|end|>", "<|endoftext|>")

Pictures: TypeAlias = "Picture | Sequence[Picture] | Sequence[Picture | Sequence[Picture] | None] | None"
Conversation: TypeAlias = "Sequence[Mapping[str, Any]]"


class Phi3VProcessor(ProcessorMixin):  # type: ignore[misc]
    """The image processor and the tokenizer of Phi-3-vision, in one."""

    def __init__(
        self,
        image_processor: Phi3VImageProcessor | None = None,
        tokenizer: PreTrainedTokenizerFast | None = None,
        chat_template: str | None = None,
    ) -> None:
        if image_processor is None or tokenizer is None:
            raise InputError("Phi3VProcessor needs both an image_processor and a tokenizer")
        super().__init__(
            image_processor=image_processor,
            tokenizer=tokenizer,
            chat_template=chat_template or tokenizer.chat_template,
        )

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any
    ) -> Phi3VProcessor:
        """The processor of a folder or a Hub repository: the official one as it is, or one written by `save_pretrained`.

        `num_crops`, `revision`, `cache_dir`, `local_files_only`, `token` and the like may be given. Code that lies
        beside the files is neither run nor asked about.
        """
        kwargs = {
            key: value for key, value in kwargs.items() if key not in ("trust_remote_code", "_from_auto")
        }
        num_crops = {"num_crops": kwargs.pop("num_crops")} if "num_crops" in kwargs else {}
        image_processor = Phi3VImageProcessor.from_pretrained(
            pretrained_model_name_or_path, **kwargs, **num_crops
        )
        tokenizer = PreTrainedTokenizerFast.from_pretrained(pretrained_model_name_or_path, **kwargs)
        tokenizer.init_kwargs.pop(
            "auto_map", None
        )  # would be saved, and ask the next reader to run remote code
        return cls(image_processor, tokenizer)

    @property
    def stop_ids(self) -> list[int]:
        """Ids of <|end|> (the end of a turn) and <|endoftext|>, the two that `generate` has to stop at.

        The `eos_token_id` of the official config.json, 2, is never produced by the model.
        """
        vocabulary = self.tokenizer.get_vocab()
        missing = [token for token in STOP_TOKENS if token not in vocabulary]
        if missing:
            raise InputError(f"the tokenizer has no {missing[0]}; it is not one of Phi-3-vision")
        return [vocabulary[token] for token in STOP_TOKENS]

    def __call__(  # type: ignore[override]
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
        """Ids and tiles of one text or of several.

        Args:
            text: A text or a list of texts. Each names its own pictures from <|image_1|> on, in order.
            images: The pictures in order of their names, as `Phi3VImageProcessor.preprocess` takes them. For several
                texts a list of lists, one a text (None or an empty list for a text without pictures), or one flat list
                that is dealt out by the number of names in each text.
            num_crops: The most tiles of a picture; the image processor's own where None.
            padding: True or "longest" fills up to the longest text, "max_length" to `max_length`; False leaves each
                text as long as it is.
            padding_side: "left" (to generate) or "right" (to train); the tokenizer's own where None.
            pad_to_multiple_of: Fill up to a multiple of this length.
            truncation: Cut what is longer than `max_length`, on the tokenizer's `truncation_side`. Never in a picture.
            max_length: The most ids of a text, its pictures' included; the tokenizer's `model_max_length` where None.
            add_special_tokens: Begin each piece of text with <s>.
            return_tensors: "pt", "np", or None for lists of ids.

        Returns:
            `input_ids` and `attention_mask` (texts, length), and where there are pictures `pixel_values` and
            `image_sizes` as the image processor gives them, in the order in which the texts name them.

        Raises:
            InputError: A text skips, repeats or misorders a number, names more or fewer pictures than it is given, or is
                too long; a picture cannot be read. The sentence says which.
        """
        texts = _listed(text)
        pieces = [PLACEHOLDER.split(one)[::2] for one in texts]
        named = [_count_names(one, _which("text", k, texts)) for k, one in enumerate(texts)]
        pictures = deal_out(images, named)
        vision: Mapping[str, Any] = {}
        if pictures:
            vision = self.image_processor(pictures, num_crops=num_crops)
        sizes = iter(vision["num_img_tokens"].tolist() if pictures else [])
        encoded = self.tokenizer(
            list(itertools.chain(*pieces)), add_special_tokens=add_special_tokens, return_attention_mask=False
        )
        piece_ids = iter(encoded["input_ids"])
        rows = [
            list(
                itertools.chain(
                    next(piece_ids), *([-n] * next(sizes) + next(piece_ids) for n in range(1, count + 1))
                )
            )
            for count in named
        ]
        limit = self.tokenizer.model_max_length if max_length is None else max_length
        crops = self.image_processor.num_crops if num_crops is None else num_crops
        for k, row in enumerate(rows):
            if len(row) > limit:
                rows[k] = self._cut(row, limit, bool(truncation), crops, _which("text", k, texts))
        features = self._pad(rows, padding, padding_side, pad_to_multiple_of, max_length, return_tensors)
        features.update({name: vision[name] for name in ("pixel_values", "image_sizes") if pictures})
        return BatchFeature(features, tensor_type=return_tensors)

    def _cut(self, row: list[int], limit: int, truncation: bool, crops: int, which: str) -> list[int]:
        if truncation:
            left = self.tokenizer.truncation_side == "left"
            kept, lost = (row[-limit:], row[:-limit]) if left else (row[:limit], row[limit:])
            picture = next((-token for token in lost if token < 0), None)
            if picture is None:
                return kept
            why = f"cutting it to {limit} would cut picture {picture}"
        else:
            why = f"more than max_length {limit}"
        lower = f"lower num_crops (now {crops}) or " if min(row) < 0 else ""
        cut = "" if truncation else ", or pass truncation=True"
        raise InputError(f"{which} has {len(row)} ids, {why}; {lower}raise max_length{cut}")

    def _pad(
        self,
        rows: list[list[int]],
        padding: bool | str,
        padding_side: str | None,
        multiple: int | None,
        max_length: int | None,
        return_tensors: str | None,
    ) -> dict[str, Any]:
        side = padding_side or self.tokenizer.padding_side
        if side not in ("left", "right"):
            raise InputError(f'padding_side must be "left" or "right", not {side!r}')
        if padding not in (True, False, "longest", "max_length", "do_not_pad"):
            raise InputError(f'padding must be True, False, "longest" or "max_length", not {padding!r}')
        length = max(map(len, rows))
        if padding == "max_length":
            if max_length is None:
                raise InputError('padding="max_length" needs max_length')
            length = max_length
        if multiple:
            length = -(-length // multiple) * multiple
        fill = [0 if padding in (False, "do_not_pad") else length - len(row) for row in rows]
        if return_tensors is not None and len({len(row) + n for row, n in zip(rows, fill, strict=True)}) > 1:
            raise InputError(
                "the texts differ in length; pass padding=True, or return_tensors=None for lists"
            )
        pad = self.tokenizer.pad_token_id
        ids, mask = [], []
        for row, n in zip(rows, fill, strict=True):
            ids.append([pad] * n + row if side == "left" else row + [pad] * n)
            mask.append([0] * n + [1] * len(row) if side == "left" else [1] * len(row) + [0] * n)
        if return_tensors is None:
            return {"input_ids": ids, "attention_mask": mask}
        return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}


def deal_out(images: Pictures, named: Sequence[int]) -> list[Picture]:
    """All pictures in the order in which the texts name them; `named` counts the names in each text.

    Raises:
        InputError: A text has more or fewer pictures than names.
    """
    if images is None:
        images = []
    flat: list[Any] = list(images) if isinstance(images, (list, tuple)) else [images]
    if not any(entry is None or isinstance(entry, (list, tuple)) for entry in flat):
        if len(flat) != sum(named):
            raise InputError(
                _mismatch("the text" if len(named) == 1 else "all texts together", sum(named), len(flat))
            )
        return flat
    if len(flat) != len(named):
        raise InputError(
            f"there are {len(named)} texts but {len(flat)} lists of pictures; give one list for each text"
        )
    dealt: list[Picture] = []
    for k, (entry, names) in enumerate(zip(flat, named, strict=True)):
        own = [] if entry is None else list(entry) if isinstance(entry, (list, tuple)) else [entry]
        if len(own) != names:
            raise InputError(_mismatch(_which("text", k, named), names, len(own)))
        dealt.extend(own)
    return dealt


def _mismatch(which: str, names: int, given: int) -> str:
    return (
        f"{which} names {names} pictures but {given} are given; name each picture once, from <|image_1|> on"
    )


def _count_names(text: str, which: str) -> int:
    names = PLACEHOLDER.findall(text)
    for expected, name in enumerate(names, start=1):
        if name != str(expected):
            raise InputError(
                f"{which} names <|image_{name[:12]}|> where <|image_{expected}|> is due; number its pictures 1, 2, 3, ... in order"
            )
    return len(names)


def _listed(text: str | Sequence[str] | None) -> list[str]:
    texts = [text] if isinstance(text, str) else list(text or [])
    if not texts or not all(isinstance(one, str) for one in texts):
        raise InputError("text must be a string or a list of strings, and not an empty list")
    return texts


def _which(noun: str, k: int, of: Sequence[object]) -> str:
    return f"the {noun}" if len(of) == 1 else f"{noun} {k + 1} of {len(of)}"
