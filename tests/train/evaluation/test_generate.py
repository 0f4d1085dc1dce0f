"""Answers come in order, whatever the batches, and end where they should; a lack of memory halves a batch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import torch
from support.tiny_base import TEMPLATE, pictures, tiny_base
from support.tiny_chats import gemma_base, idefics_base, qwen_base
from transformers import GenerationConfig

from datagen.schemas import InputError, RunFailed
from datagen.train.evaluation.generate import BATCHES_ALIKE, answers

COUNT = 21


@pytest.fixture(scope="module")
def base() -> Any:
    return tiny_base()


@pytest.fixture(scope="module")
def shown() -> list[dict[str, Any]]:
    return pictures(COUNT)


@pytest.fixture(scope="module")
def one_by_one(base: Any, shown: list[dict[str, Any]]) -> list[str]:
    return [answers(base, [picture], TEMPLATE, max_new_tokens=10)[0] for picture in shown]


@pytest.mark.parametrize("batch_size", [2, 8, 64])
def test_batches_answer_as_pictures_do_one_by_one(
    base: Any, shown: list[dict[str, Any]], one_by_one: list[str], batch_size: int
) -> None:
    assert len(set(one_by_one)) > COUNT // 2  # or the order could not be told
    assert answers(base, shown, TEMPLATE, batch_size=batch_size, max_new_tokens=10) == one_by_one


@pytest.mark.parametrize("made", [qwen_base, idefics_base, gemma_base])
def test_other_architectures_answer_through_their_own_chat(made: Any, shown: list[dict[str, Any]]) -> None:
    other = made()
    alone = [answers(other, [picture], TEMPLATE, max_new_tokens=6)[0] for picture in shown[:7]]
    assert len(set(alone)) > 1
    assert answers(other, shown[:7], TEMPLATE, batch_size=3, max_new_tokens=6) == alone


def test_pictures_are_read_a_stretch_at_a_time_and_once(base: Any, one_by_one: list[str]) -> None:
    class Late(Sequence[Any]):
        def __init__(self, held: list[Any]) -> None:
            self.held, self.asked = held, list[int]()

        def __len__(self) -> int:
            return len(self.held) * 2

        def __getitem__(self, number: Any) -> Any:
            self.asked.append(number)
            return self.held[number % len(self.held)]

    late, seen = Late(pictures(COUNT)), list[int]()
    said = answers(
        base, late, TEMPLATE, batch_size=1, max_new_tokens=10, progress=lambda _: seen.append(len(late.asked))
    )
    assert said == one_by_one * 2
    assert late.asked == list(range(2 * COUNT))
    assert seen[0] == BATCHES_ALIKE  # not all of them


def test_pictures_are_opened_in_another_thread_than_the_model_runs_in(
    base: Any, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()
    real = base.processor.image_processor.preprocess

    def spied(*args: Any, **kwargs: Any) -> Any:
        threads.add(threading.current_thread())
        return real(*args, **kwargs)

    monkeypatch.setattr(base.processor.image_processor, "preprocess", spied)
    answers(base, shown, TEMPLATE, max_new_tokens=1)
    assert threads
    assert threading.current_thread() not in threads


def test_progress_counts_up_to_all_of_them(base: Any, shown: list[dict[str, Any]]) -> None:
    told: list[int] = []
    answers(base, shown, TEMPLATE, batch_size=8, max_new_tokens=1, progress=told.append)
    assert told == [8, 16, COUNT]


class _Scripted:
    """A head that says the same tokens to every picture, one after the other."""

    def __init__(self, base: Any, tokens: list[int]) -> None:
        self.base, self.tokens, self.at = base, tokens, 0

    def __call__(self, module: Any, inputs: Any, logits: torch.Tensor) -> torch.Tensor:
        said = torch.full_like(logits, -1e4)
        said[..., self.tokens[min(self.at, len(self.tokens) - 1)]] = 1e4
        self.at += 1
        return said


@pytest.fixture
def says(base: Any) -> Iterator[Any]:
    hooks: list[Any] = []

    def begin(text: str, end: list[int]) -> _Scripted:
        tokens = base.processor.tokenizer(text, add_special_tokens=False)["input_ids"]
        script = _Scripted(base, [*tokens, *end])
        hooks.append(base.model.lm_head.register_forward_hook(script))
        return script

    yield begin
    for hook in hooks:
        hook.remove()


@pytest.mark.parametrize("which", [0, 1])
def test_an_answer_ends_at_each_of_the_end_tokens(
    base: Any, shown: list[dict[str, Any]], says: Any, which: int
) -> None:
    script = says("Product: Cap", [base.end_ids[which]])
    assert answers(base, shown[:2], TEMPLATE, max_new_tokens=100) == ["Product: Cap"] * 2
    assert script.at == len(script.tokens)


def test_an_answer_without_end_stops_at_the_bound(base: Any, shown: list[dict[str, Any]], says: Any) -> None:
    token = base.processor.tokenizer("a", add_special_tokens=False)["input_ids"][-1:]
    script = says("", token)
    answers(base, shown[:3], TEMPLATE, max_new_tokens=7)
    assert script.at == 7


def test_the_habits_of_a_checkpoint_do_not_count(
    base: Any, shown: list[dict[str, Any]], one_by_one: list[str]
) -> None:
    theirs = base.model.generation_config
    base.model.generation_config = GenerationConfig(
        do_sample=True,
        temperature=5.0,
        repetition_penalty=3.0,
        num_beams=2,
        max_new_tokens=2,
        min_new_tokens=1,
    )
    try:
        said = answers(base, shown, TEMPLATE, max_new_tokens=10)
    finally:
        base.model.generation_config = theirs
    assert said == one_by_one


def test_the_model_is_left_in_the_mode_in_which_it_was(base: Any, shown: list[dict[str, Any]]) -> None:
    base.model.train()
    answers(base, shown[:1], TEMPLATE, max_new_tokens=1)
    assert base.model.training
    base.model.eval()
    answers(base, shown[:1], TEMPLATE, max_new_tokens=1)
    assert not base.model.training


@pytest.fixture
def small_memory(base: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A GPU that holds three pictures; the batches that were tried."""
    tried: list[int] = []
    real = base.model.generate

    def generate(input_ids: torch.Tensor, **rest: Any) -> Any:
        tried.append(len(input_ids))
        if len(input_ids) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return real(input_ids=input_ids, **rest)

    monkeypatch.setattr(base.model, "generate", generate)
    return tried


def test_a_batch_that_does_not_fit_is_halved_and_so_are_those_after_it(
    base: Any, shown: list[dict[str, Any]], one_by_one: list[str], small_memory: list[int]
) -> None:
    assert answers(base, shown, TEMPLATE, batch_size=8, max_new_tokens=10) == one_by_one
    assert small_memory[:7] == [8, 4, 2, 2, 4, 2, 2]
    assert max(small_memory[14:]) <= 3  # but for the batch that was ready when the first one failed


def test_a_single_picture_that_does_not_fit_fails_in_a_sentence(
    base: Any, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def generate(**rest: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(base.model, "generate", generate)
    with pytest.raises(RunFailed, match="Not even one picture"):
        answers(base, shown, TEMPLATE)


def test_an_unreadable_picture_raises_or_is_reported(
    base: Any, shown: list[dict[str, Any]], one_by_one: list[str]
) -> None:
    broken = {"bytes": shown[1]["bytes"][:200], "path": None}  # header whole, pixels gone
    given = [shown[0], {"bytes": b"no picture", "path": None}, broken, None, shown[4]]
    told: dict[int, str] = {}
    counts: list[int] = []
    said = answers(
        base,
        given,
        TEMPLATE,
        max_new_tokens=10,
        progress=counts.append,
        failed=lambda number, error: told.__setitem__(number, str(error)),
    )
    assert said == [one_by_one[0], "", "", "", one_by_one[4]]
    assert sorted(told) == [1, 2, 3]
    assert told[2].startswith("cannot be read")
    assert counts == [5]
    with pytest.raises(InputError, match="^Picture 1 cannot be read"):
        answers(base, given, TEMPLATE)


def test_no_pictures_no_answers(base: Any) -> None:
    assert answers(base, [], TEMPLATE) == []


@pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"max_new_tokens": 0}, {"max_new_tokens": 10**6}])
def test_options_that_cannot_be_are_refused(base: Any, wrong: dict[str, int]) -> None:
    with pytest.raises(InputError):
        answers(base, [], TEMPLATE, **wrong)  # type: ignore[arg-type]
