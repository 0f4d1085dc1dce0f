"""Conversations become prompts with numbered pictures; malformed messages are refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.phi3_prompts import picture

from datagen.schemas import InputError
from datagen.train.phi3_vision.placeholders import PLACEHOLDER
from datagen.train.phi3_vision.processing import Phi3VProcessor

PARTS = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "image", "image": picture()}, {"type": "text", "text": "Which?"}]},
    {"role": "assistant", "content": "The first."},
    {
        "role": "user",
        "content": [{"type": "text", "text": "And now? "}, {"type": "image", "image": picture(9, 9)}],
    },
]
WRITTEN = (
    "<|system|>\nBe brief.<|end|>\n<|user|>\n<|image_1|>\nWhich?<|end|>\n<|assistant|>\nThe first.<|end|>\n"
    "<|user|>\nAnd now? <|image_2|>\n<|end|>\n<|assistant|>\n"
)


def test_parts_of_a_conversation_become_numbered_names(processor: Phi3VProcessor) -> None:
    assert processor.apply_chat_template(PARTS, add_generation_prompt=True) == WRITTEN
    assert processor.apply_chat_template([PARTS, PARTS[:1]], add_generation_prompt=True) == [
        WRITTEN,
        "<|system|>\nBe brief.<|end|>\n<|assistant|>\n",
    ]
    assert isinstance(PARTS[1]["content"], list)


def test_numbers_go_on_after_names_in_a_text(processor: Phi3VProcessor) -> None:
    conversation = [
        {"role": "user", "content": "<|image_1|>\nWhat?"},
        {"role": "user", "content": [{"type": "image"}, "And this?"]},
    ]
    prompt = processor.apply_chat_template(conversation)
    assert PLACEHOLDER.findall(prompt) == ["1", "2"]


def test_a_conversation_is_tokenised_with_its_pictures(processor: Phi3VProcessor) -> None:
    done = processor.apply_chat_template(
        [PARTS, PARTS[:1]],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        processor_kwargs={"num_crops": 1, "padding_side": "left"},
    )
    prompts = [WRITTEN, "<|system|>\nBe brief.<|end|>\n<|assistant|>\n"]
    expected = processor(prompts, [picture(), picture(9, 9)], num_crops=1, padding_side="left")
    assert done.keys() == expected.keys()
    assert all(torch.equal(done[key], expected[key]) for key in done)


def test_pictures_can_be_given_next_to_a_conversation(processor: Phi3VProcessor) -> None:
    conversation = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]}]
    ids = processor.apply_chat_template(conversation, tokenize=True, images=[picture()], num_crops=1)
    assert torch.equal(
        ids, processor("<|user|>\n<|image_1|>\nWhat?<|end|>\n", picture(), num_crops=1)["input_ids"]
    )


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"role": "user"}, "message 1 needs a role and a content"),
        ({"content": "x"}, "message 1 needs a role and a content"),
        ("x", "message 1 needs a role and a content"),
        ({"role": "user", "content": [{"type": "video"}]}, "part of type 'video'"),
        ({"role": "user", "content": [{"type": "text"}]}, "text part without a text"),
        ({"role": "user", "content": [7]}, "part of type 'None'"),
        (
            {"role": "user", "content": [{"type": "image", "url": "http://x/y.png"}]},
            "has only the address of its picture",
        ),
        (
            {"role": "user", "content": [{"type": "image", "path": "/etc/passwd"}]},
            "has only the address of its picture",
        ),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {}}]},
            "has only the address of its picture",
        ),
        ({"role": "user", "content": [{"type": "image"}]}, "the text refers to 1 picture but 0 are given"),
        ({"role": "user", "content": [{"type": "image", "image": "x.png"}]}, "is of type str"),
    ],
)
def test_a_malformed_message_is_refused(processor: Phi3VProcessor, message: Any, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        processor.apply_chat_template([message], tokenize=True)
    assert reason in str(caught.value)


def test_a_conversation_of_nothing_is_refused(processor: Phi3VProcessor) -> None:
    with pytest.raises(InputError, match="at least one message"):
        processor.apply_chat_template([])


def test_pictures_in_two_places_are_refused(processor: Phi3VProcessor) -> None:
    with pytest.raises(InputError, match="in one place"):
        processor.apply_chat_template(PARTS, tokenize=True, images=[picture()])
