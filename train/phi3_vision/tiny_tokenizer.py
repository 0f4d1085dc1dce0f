"""A small tokenizer of the same kind as Phi-3-vision's, trained in a second: for smoke runs, without a
download.

Its parts are the official ones: byte-pair encoding with byte fallback, no splitting into words, a space
before the text, <s> at the start, single digits, and special tokens with the same names and behaviour
(<|assistant|> swallows the whitespace after it). Ids 0 to 258 are official, too, so a line break is 13.
Only the rest of the vocabulary differs, and is far smaller.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerFast

from datagen.schemas import InputError
from datagen.train.phi3_vision.image_processing import Phi3VImageProcessor
from datagen.train.phi3_vision.processing import Phi3VProcessor

SPACE = "\u2581"
BASE = ("<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)))
# The order is that of the official ids; True swallows the whitespace that follows (tokenizer.json of both
# models, MIT).
SPECIAL = {
    "<|endoftext|>": False,
    "<|assistant|>": True,
    "<|system|>": False,
    "<|end|>": False,
    "<|user|>": False,
    "<|image|>": True,
}
ROLES = {
    "bos_token": "<s>",
    "eos_token": "<|endoftext|>",
    "pad_token": "<|endoftext|>",
    "unk_token": "<unk>",
}
SMALLEST = len(BASE) + len(SPECIAL) + 1
MODEL_MAX_LENGTH = 131_072
# tokenizer_config.json of both models (MIT).
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{'<|' + message['role'] + '|>' + '\\n' + message['content'] + '<|end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt and messages[-1]['role'] != 'assistant' %}"
    "{{- '<|assistant|>\\n' -}}"
    "{% endif %}"
)


def tiny_tokenizer(texts: Iterable[str], vocab_size: int = 1024) -> PreTrainedTokenizerFast:
    """A tokenizer of at most `vocab_size` tokens, learned from `texts`, deterministically.

    Characters that do not occur in the texts are still encoded, byte by byte.

    Raises:
        InputError: `texts` is one text, or `vocab_size` leaves no room besides the bytes and the special
            tokens.
    """
    if isinstance(texts, str):
        raise InputError("texts must be a list of texts, not one text")
    if vocab_size < SMALLEST:
        raise InputError(f"vocab_size must be at least {SMALLEST}, not {vocab_size}")
    pieces, merges = _learn(_count_words(texts), vocab_size - len(BASE) - len(SPECIAL))
    vocabulary = {token: number for number, token in enumerate((*BASE, *pieces))}
    tokenizer = Tokenizer(
        models.BPE(vocabulary, merges, unk_token=BASE[0], fuse_unk=True, byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", BASE.index("<s>"))]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens([_special("<unk>"), _special("<s>")])
    tokenizer.add_tokens([AddedToken("</s>", rstrip=True, normalized=False, special=False)])
    tokenizer.add_special_tokens([_special(token, swallows) for token, swallows in SPECIAL.items()])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        **ROLES,
        chat_template=CHAT_TEMPLATE,
        padding_side="right",
        model_max_length=MODEL_MAX_LENGTH,
        clean_up_tokenization_spaces=False,
    )


def tiny_processor(
    texts: Iterable[str], image_size: int = 56, patch: int = 14, num_crops: int = 4, vocab_size: int = 1024
) -> Phi3VProcessor:
    """A processor of `tiny_tokenizer` and of tiles of `image_size` pixels, which the model cuts in patches.

    Raises:
        InputError: `image_size` is not an even number of patches.
    """
    if patch < 1 or image_size < 1 or image_size % (2 * patch):
        raise InputError(f"image_size {image_size} must be a multiple of twice the patch, {2 * patch}")
    tokens = (image_size // (2 * patch)) ** 2
    image_processor = Phi3VImageProcessor(num_crops=num_crops, num_img_tokens=tokens, image_size=image_size)
    return Phi3VProcessor(image_processor, tiny_tokenizer(texts, vocab_size))


def _special(token: str, swallows: bool = False) -> AddedToken:
    return AddedToken(token, rstrip=swallows, normalized=False, special=True)


def _count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs, without special tokens and picture placeholders."""
    words: Counter[str] = Counter()
    for text in texts:
        words.update(re.sub(r"<\|\w+\|>", " ", text).split())
    return words


def _learn(words: Counter[str], room: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Pieces in order of id and merges in order of rank, at most `room` pieces."""
    letters: Counter[str] = Counter()
    for word, count in words.items():
        for letter in word:
            letters[letter] += count
    # The trainer's own limit breaks ties at random, so rare letters are removed before.
    common = {
        letter for letter, _ in sorted(letters.items(), key=lambda item: (-item[1], item[0]))[: room // 2]
    }
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(SPACE), pre_tokenizers.Digits(individual_digits=True)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=room, min_frequency=2, initial_alphabet=[SPACE], show_progress=False
    )
    kept = (
        " ".join(["".join(letter if letter in common else " " for letter in word)] * count)
        for word, count in words.items()
    )
    learned.train_from_iterator(kept, trainer)
    model = json.loads(learned.to_str())["model"]
    return sorted(model["vocab"], key=model["vocab"].get), [tuple(pair) for pair in model["merges"]]
