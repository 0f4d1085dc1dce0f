"""The tiny tokenizer: the same every time, and like the official one wherever the processor relies on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from datagen.schemas import InputError
from datagen.train.phi3_vision.tiny_tokenizer import BASE, SMALLEST, SPECIAL, tiny_processor, tiny_tokenizer

OFFICIAL = Path(__file__).parents[4] / "shared" / "phi3_vision"
TEXTS = [
    "Title: Check Cotton Shirt, Price: 450.0",
    "Title: Check Wool Scarf, Price: 450.0",
    "<|user|>\n<|image_1|>\nWhat is shown in this image?<|end|>\n<|assistant|>\n",
    "What is the price of the wool scarf in this image?",
]


@pytest.fixture(scope="module", params=["tiny", "phi3", "phi35"])
def tokenizer(request: pytest.FixtureRequest) -> PreTrainedTokenizerFast:
    if request.param == "tiny":
        return tiny_tokenizer(TEXTS)
    if not OFFICIAL.is_dir():
        pytest.skip(f"no official files at {OFFICIAL}")
    return PreTrainedTokenizerFast.from_pretrained(OFFICIAL / request.param)


# These hold of the official tokenizers too, so they say what "the same make" means.


def test_special_tokens_by_name(tokenizer: PreTrainedTokenizerFast) -> None:
    names = ("bos_token", "eos_token", "pad_token", "unk_token")
    assert [getattr(tokenizer, name) for name in names] == ["<s>", "<|endoftext|>", "<|endoftext|>", "<unk>"]
    ids = tokenizer.convert_tokens_to_ids(list(SPECIAL))
    assert ids == sorted(ids)
    assert min(ids) > 258
    assert max(ids) == len(tokenizer) - 1
    assert tokenizer.convert_ids_to_tokens(range(259)) == list(BASE)
    for token, number in zip(SPECIAL, ids, strict=True):
        assert tokenizer(token, add_special_tokens=False).input_ids == [number]
    assert tokenizer.decode([1, *ids], skip_special_tokens=True) == ""
    assert tokenizer.padding_side == "right"
    assert tokenizer.model_max_length == 131_072


def test_begins_with_s_even_where_there_is_nothing(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer("").input_ids == [1]
    assert tokenizer("x").input_ids[0] == 1
    assert tokenizer("x", add_special_tokens=False).input_ids[0] != 1


def test_the_assistant_swallows_the_white_space_after_it(tokenizer: PreTrainedTokenizerFast) -> None:
    answer = tokenizer("Price", add_special_tokens=False).input_ids
    for space in ("", "\n", "\n\n ", " "):
        whole = tokenizer(f"<|assistant|>{space}Price", add_special_tokens=False).input_ids
        assert whole == [tokenizer.convert_tokens_to_ids("<|assistant|>"), *answer]
    user = tokenizer("<|user|>\nPrice", add_special_tokens=False).input_ids
    assert user[2] == 13


def test_a_line_break_is_the_byte_13(tokenizer: PreTrainedTokenizerFast) -> None:
    space = tokenizer.convert_tokens_to_ids("\u2581")
    end = tokenizer.convert_tokens_to_ids("<|end|>")
    assert tokenizer("<|end|>\n", add_special_tokens=False).input_ids == [end, space, 13]


def test_digits_are_single_tokens(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer.tokenize("450.0") == ["\u2581", "4", "5", "0", ".", "0"]


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\u2581<")))
def test_any_text_comes_back(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    ids = tokenizer(text, add_special_tokens=False).input_ids
    assert all(0 <= number < len(tokenizer) for number in ids)
    assert tokenizer.decode(ids) == text


def test_the_chat_template(tokenizer: PreTrainedTokenizerFast) -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]
    asked = tokenizer.apply_chat_template(messages[:1], tokenize=False, add_generation_prompt=True)
    assert asked == "<|user|>\nHi<|end|>\n<|assistant|>\n"
    told = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert told == "<|user|>\nHi<|end|>\n<|assistant|>\nHo<|end|>\n"


# These are of the tiny one alone.


def test_the_same_texts_give_the_same_tokenizer() -> None:
    first, second = tiny_tokenizer(TEXTS), tiny_tokenizer(reversed(TEXTS))
    assert first.backend_tokenizer.to_str() == second.backend_tokenizer.to_str()
    assert len(first) == 335
    assert first("What is the price?").input_ids == [1, 323, 317, 320, 288, 283, 295, 305]


def test_words_are_learned_and_names_of_pictures_are_not() -> None:
    tokenizer = tiny_tokenizer(TEXTS)
    assert tokenizer.tokenize("Title: Check") == ["\u2581Title:", "\u2581Check"]
    assert not any("|" in token for token in tokenizer.get_vocab() if token not in SPECIAL)


@pytest.mark.parametrize("vocab_size", [SMALLEST, 300, 320, 1024])
def test_the_vocabulary_is_bounded(vocab_size: int) -> None:
    texts = [f"{chr(0x4E00 + k)} word{k}" for k in range(500)]
    tokenizer = tiny_tokenizer(texts * 2, vocab_size)
    assert len(tokenizer) <= vocab_size
    ids = tokenizer(" ".join(texts)).input_ids
    assert max(ids) < len(tokenizer)
    assert tokenizer.decode(ids, skip_special_tokens=True) == " ".join(texts)


def test_a_vocabulary_without_room_is_refused() -> None:
    with pytest.raises(InputError, match=f"at least {SMALLEST}, not 100"):
        tiny_tokenizer(TEXTS, 100)
    with pytest.raises(InputError, match="not one text"):
        tiny_tokenizer("one text")
    assert len(tiny_tokenizer([])) == SMALLEST


def test_the_tiny_processor_counts_by_its_patches() -> None:
    processor = tiny_processor(TEXTS, image_size=56, patch=14, num_crops=4)
    assert processor.image_processor.num_img_tokens == 4
    assert processor.image_processor.count_image_tokens(50, 50) == 5 * 4 + 1 + 3 * 2
    with pytest.raises(InputError, match="multiple of twice the patch, 28"):
        tiny_processor(TEXTS, image_size=70)
