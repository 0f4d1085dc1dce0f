"""Which worker draws what: each group once, a subject first by who has drawn it, and nobody waits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datagen.generation.drawing import Group
from datagen.generation.scheduler import Scheduler


def _groups(subjects: str) -> list[Group]:
    return [Group(subject, [number]) for number, subject in enumerate(subjects)]


@given(
    st.lists(st.text("abcde", max_size=20), min_size=1, max_size=4), st.lists(st.integers(0, 3), min_size=1)
)
def test_every_group_is_given_out_once(batches: list[str], turns: list[int]) -> None:
    scheduler = Scheduler()
    for subjects in batches:
        todo, given, at = _groups(subjects), list[Group](), 0
        scheduler.add(todo)
        assert len(scheduler) == len(todo)
        while (group := scheduler.next(turns[at % len(turns)])) is not None:
            given.append(group)
            at += 1
        assert sorted(given) == sorted(todo)
        assert not len(scheduler)


def test_a_worker_draws_what_it_drew_before_then_what_nobody_drew_then_that_of_others() -> None:
    scheduler = Scheduler()
    scheduler.add(_groups("abc"))
    assert [scheduler.next(worker) for worker in (0, 1)] == [("a", [0]), ("b", [1])]
    scheduler.add(_groups("aabb"))
    taken = [scheduler.next(0) for _ in range(5)]
    assert taken == [("a", [0]), ("a", [1]), ("c", [2]), ("b", [3]), ("b", [2])]
    assert scheduler.next(0) is None


def test_the_most_pictures_come_first() -> None:
    scheduler = Scheduler()
    scheduler.add(_groups("abbcbc"))
    first = scheduler.next(0)
    assert first is not None
    assert first.subject == "b"
