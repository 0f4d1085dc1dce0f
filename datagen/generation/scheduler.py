"""Which worker draws what."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from datagen.generation.drawing import Group


class Scheduler:
    """Gives groups of pictures to workers when they ask: first of subjects that they have drawn before.

    A worker has the layers and the stencils of such a subject at hand. Then come subjects that nobody has
    drawn, and at last those of the worker who is furthest behind. The pictures do not depend on it.
    """

    def __init__(self) -> None:
        self._worker_of: dict[str, int] = {}
        self._waiting: dict[str, deque[Group]] = {}

    def __len__(self) -> int:
        """How many groups wait."""
        return sum(map(len, self._waiting.values()))

    def add(self, groups: Iterable[Group]) -> None:
        """Groups to be given out."""
        for group in groups:
            self._waiting.setdefault(group.subject, deque()).append(group)

    def next(self, worker: int) -> Group | None:
        """The next group for a worker, by its number; None if none waits."""
        if not self._waiting:
            return None
        behind: dict[int, int] = defaultdict(int)
        for subject, waiting in self._waiting.items():
            behind[self._worker_of.get(subject, -1)] += len(waiting)
        whose = next(
            (each for each in (worker, -1) if behind.get(each)), max(behind, key=lambda each: behind[each])
        )
        own = [subject for subject in self._waiting if self._worker_of.get(subject, -1) == whose]
        # One that has been begun before others; what is taken from another worker is what it would do last.
        subject = own[0] if whose == worker else max(own, key=lambda each: len(self._waiting[each]))
        if whose == -1:
            self._worker_of[subject] = worker
        group = self._waiting[subject].popleft() if whose in (worker, -1) else self._waiting[subject].pop()
        if not self._waiting[subject]:
            del self._waiting[subject]
        return group
