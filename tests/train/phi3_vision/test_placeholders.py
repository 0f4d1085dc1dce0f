"""Names of pictures in texts: numbered in order, and dealt out to the texts that name them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas import InputError
from datagen.train.phi3_vision.placeholders import (
    PLACEHOLDER,
    assign_pictures,
    count_placeholders,
    write_placeholders,
)

COUNTS = st.lists(st.integers(0, 3), min_size=1, max_size=5)


@given(st.lists(st.integers(0, 5), max_size=6))
def test_only_1_2_3_in_order_is_a_text(numbers: list[int]) -> None:
    text = "".join(f"x <|image_{number}|>\n" for number in numbers)
    if numbers == list(range(1, len(numbers) + 1)):
        assert count_placeholders(text, "the text") == len(numbers)
    else:
        with pytest.raises(InputError, match="is expected"):
            count_placeholders(text, "the text")


@given(COUNTS)
def test_pictures_are_dealt_out_alike_from_lists_and_from_one_list(counts: list[int]) -> None:
    flat: list[Any] = [b"%d" % k for k in range(sum(counts))]
    rest = iter(flat)
    nested = [[next(rest) for _ in range(count)] for count in counts]
    assert assign_pictures(flat, counts) == assign_pictures(nested, counts) == flat
    loose = [None if not own else own[0] if len(own) == 1 else own for own in nested]
    assert assign_pictures(loose, counts) == flat


@given(COUNTS, st.data())
def test_one_picture_more_or_less_in_any_text_is_refused(counts: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(counts) - 1))
    nested: list[Any] = [[b"p"] * count for count in counts]
    nested[place] = [b"p"] * (counts[place] + data.draw(st.sampled_from([1, 2])))
    name = "the text" if len(counts) == 1 else f"text {place + 1} of {len(counts)}"
    with pytest.raises(InputError, match=f"^{name} refers to {counts[place]} picture"):
        assign_pictures(nested, counts)
    with pytest.raises(InputError, match="but"):
        assign_pictures([b"p"] * (sum(counts) + 1), counts)


@given(st.lists(st.lists(st.sampled_from(["text", "image"]), max_size=4), min_size=1, max_size=4))
def test_parts_are_numbered_through_the_whole_conversation(messages: list[list[str]]) -> None:
    parts = [[{"type": kind, kind: b"p" if kind == "image" else "t"} for kind in kinds] for kinds in messages]
    written, pictures = write_placeholders([{"role": "user", "content": content} for content in parts])
    text = "".join(message["content"] for message in written)
    assert count_placeholders(text, "it") == len(pictures) == sum(kinds.count("image") for kinds in messages)
    assert PLACEHOLDER.sub("", text).replace("\n", "") == "t" * sum(kinds.count("text") for kinds in messages)


def test_messages_are_left_as_they_were_and_keep_their_other_keys() -> None:
    message = {"role": "user", "name": "Ann", "content": [{"type": "text", "text": "Hi"}]}
    written, _ = write_placeholders([message])
    assert written == [{"role": "user", "name": "Ann", "content": "Hi"}]
    assert message["content"] == [{"type": "text", "text": "Hi"}]
