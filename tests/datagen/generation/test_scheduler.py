"""Which worker draws what: each row once, a silhouette always with the same one, about the same for all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datagen.generation.scheduler import Scheduler


@given(
    st.integers(2, 9),
    st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=60), min_size=1, max_size=6),
)
def test_every_row_has_one_worker_and_a_silhouette_stays_with_its_own(
    workers: int, pieces: list[list[int]]
) -> None:
    scheduler, owner, start = Scheduler(workers), dict[int, int](), 0
    for stencils in pieces:
        rows = range(start, start + len(stencils))
        shares = scheduler.shares(rows, stencils)
        assert sorted(row for share in shares for row in share) == list(rows)
        for worker, share in enumerate(shares):
            assert share == sorted(share)
            for row in share:
                assert owner.setdefault(stencils[row - start], worker) == worker
        start = rows.stop


def test_workers_get_about_the_same_to_do() -> None:
    scheduler, rows_of = Scheduler(4), [0, 0, 0, 0]
    for piece in range(20):
        rows = range(200 * piece, 200 * (piece + 1))
        for worker, share in enumerate(scheduler.shares(rows, [row * 7919 % 977 for row in rows])):
            rows_of[worker] += len(share)
    assert min(rows_of) > 0.6 * max(rows_of)
