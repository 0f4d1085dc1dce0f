"""The worker processes of a run: each follows the recipe it is sent and does the tasks it is given, in order.

Next to nothing travels with the start of a process, since Python itself waits, with Ctrl-C blocked, until the
new process has read what it was started with. The recipe follows through a pipe, which breaks when the worker
dies.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any, NamedTuple

from datagen.dataset.shards import Piece, ShardRecord
from datagen.generation.make_shard import ShardWork
from datagen.generation.maker import Maker, Picture
from datagen.generation.recipe import Recipe
from datagen.schemas import InputError, RunFailed
from datagen.schemas.orphans import exit_with_parent

NAME = "datagen-worker"
"""What the worker processes are called."""

NO_GUARD = 75
"""The exit code of a worker whose script, imported by Python in every new process, starts a run again."""

GUARD = 'call make under `if __name__ == "__main__":`'
SECONDS_BETWEEN_COUNTS = 0.1
SECONDS_TO_STOP = 1.0


class _Pictures(NamedTuple):
    """A task: the pictures of these rows, which lie in a range."""

    rows: Sequence[int]
    among: range | None


class _Rows(NamedTuple):
    """A task: the piece of these rows, without pictures."""

    rows: Sequence[int]


class _Shard(NamedTuple):
    """A task: a whole shard."""

    work: ShardWork
    number: int


_Task = _Pictures | _Rows | _Shard


class _Drawn(NamedTuple):
    """A worker has drawn so many more pictures."""

    pictures: int


class _Done(NamedTuple):
    """A task's result."""

    value: Any


class _Failed(NamedTuple):
    """A task ended with an exception; ``trace`` is its traceback."""

    error: Exception
    trace: str


def refuse_inside_a_worker() -> None:
    """End a worker that is about to start a run of its own, because its script has no guard.

    Silently: the run that started the worker says what is wrong.
    """
    if multiprocessing.current_process().name.startswith(NAME):
        raise SystemExit(NO_GUARD)


def may_start_processes() -> bool:
    """Whether this process may have children; a worker of ``multiprocessing`` or a data loader may not."""
    return not multiprocessing.current_process().daemon


class Workers:
    """So many worker processes. Giving a task does not wait; the results of each worker come in their order.

    ``on_picture`` is called with the number of pictures that workers have drawn since the last call.
    """

    def __init__(self, count: int, recipe: Recipe, on_picture: Callable[[int], None]) -> None:
        """Raises InputError in a process that is itself still being started."""
        self._on_picture = on_picture
        self._processes: list[BaseProcess] = []
        self._pipes: list[Connection] = []
        self._tasks: list[SimpleQueue[Recipe | _Task | None]] = []
        self._results: list[deque[_Done | _Failed]] = [deque() for _ in range(count)]
        self._heard: set[int] = set()
        try:
            for number in range(count):
                self._start(number)
                self._tasks[number].put(recipe)
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self._processes)

    def draw(self, number: int, rows: Sequence[int], among: range | None = None) -> None:
        """Give a worker the task to draw the pictures of some rows, in that order; see Maker.pictures."""
        self._tasks[number].put(_Pictures(rows, among))

    def make(self, number: int, rows: Sequence[int]) -> None:
        """Give a worker the task to make a piece without pictures."""
        self._tasks[number].put(_Rows(rows))

    def make_shard(self, number: int, work: ShardWork, shard: int) -> None:
        """Give a worker the task to make a shard, by its number."""
        self._tasks[number].put(_Shard(work, shard))

    def pictures(self, number: int) -> dict[int, Picture]:
        """Wait for a worker's next result, of :meth:`draw`. Raises RunFailed when a worker dies."""
        value: dict[int, Picture] = self._result(number)
        return value

    def has_result(self, number: int) -> bool:
        """Whether a result of a worker has been received and not been taken."""
        return bool(self._results[number])

    def piece(self, number: int) -> Piece:
        """Wait for a worker's next result, of :meth:`make`. Raises RunFailed when a worker dies."""
        value: Piece = self._result(number)
        return value

    def shard(self, number: int) -> ShardRecord:
        """Wait for a worker's next result, of :meth:`make_shard`. Raises RunFailed when a worker dies."""
        value: ShardRecord = self._result(number)
        return value

    def receive(self, timeout: float | None = 0.0) -> None:
        """Take what the workers have sent; ``timeout``: seconds to wait for something, None for ever."""
        ready = wait(self._pipes, timeout)
        for number, pipe in enumerate(self._pipes):
            if pipe not in ready:
                continue
            try:
                message = pipe.recv()
            except (EOFError, OSError):
                raise self._death(number) from None
            self._heard.add(number)
            if isinstance(message, _Drawn):
                self._on_picture(message.pictures)
            else:
                self._results[number].append(message)

    def close(self) -> None:
        """End all workers at once, whatever they are doing."""
        for process in self._processes:
            process.terminate()
        until = time.monotonic() + SECONDS_TO_STOP
        for process in self._processes:
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
        for tasks in self._tasks:
            tasks.put(None)

    def _start(self, number: int) -> None:
        # Not fork: the threads of Arrow do not survive it.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs,), name=f"{NAME}-{number + 1}", daemon=True)
        try:
            with _interrupted_later():
                process.start()
                self._processes.append(process)
                self._pipes.append(ours)
                self._tasks.append(SimpleQueue())
        except RuntimeError:  # this process is a child that is still importing the script
            raise InputError(_no_guard()) from None
        finally:
            theirs.close()
        # From a thread: a worker may be sending a large result while it is sent a task.
        threading.Thread(target=_send, args=(ours, self._tasks[-1]), daemon=True).start()

    def _result(self, number: int) -> Any:
        while not self._results[number]:
            self.receive(timeout=None)
        result = self._results[number].popleft()
        if isinstance(result, _Failed):
            raise result.error from RuntimeError(f"in a worker process:\n{result.trace}")
        return result.value

    def _death(self, number: int) -> InputError | RunFailed:
        """What to say of a worker that has closed its pipe."""
        process = self._processes[number]
        process.join(SECONDS_TO_STOP)
        code = process.exitcode
        if code == NO_GUARD:
            return InputError(_no_guard())
        if number in self._heard or (code or 0) < 0:
            return RunFailed(
                "A worker process died, possibly because memory ran out; "
                "run the same command with --resume, and with fewer --workers if it happens again."
            )
        return RunFailed(
            f"A worker process ended while it was starting (exit code {code}), for the reason printed above; "
            f"in a script of your own, {GUARD}, since every worker imports the script."
        )


def _send(pipe: Connection, tasks: SimpleQueue[Any]) -> None:
    """Send tasks until None comes or the worker is gone."""
    while (task := tasks.get()) is not None:
        with suppress(OSError):  # whoever waits for the result is told
            pipe.send(task)
    pipe.close()


def _no_guard() -> str:
    return f"Every worker process imports the script that called make, and would call it again; {GUARD}."


@contextmanager
def _interrupted_later() -> Iterator[None]:
    """Hold Ctrl-C back until the end of the block; a process that is started meanwhile never gets it."""
    resource_tracker.ensure_running()  # spawning starts it, and that would unblock Ctrl-C
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is ever interrupted
        return
    pressed: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    handled = callable(handler)
    if handled:
        signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        if handled:
            signal.signal(signal.SIGINT, handler)
        if pressed:
            signal.raise_signal(signal.SIGINT)


# What follows runs in a worker process.


def _work(pipe: Connection) -> None:
    """Do tasks until the pipe is closed or the parent is gone."""
    exit_with_parent()
    try:
        maker = Maker(pipe.recv())
        pipe.send(_Drawn(0))
        while True:
            pipe.send(_result_of(maker, pipe.recv(), pipe))
    except (EOFError, OSError):
        return


def _result_of(maker: Maker, task: _Task, pipe: Connection) -> _Done | _Failed:
    try:
        if isinstance(task, _Rows):
            return _Done(maker.rows(task.rows))
        if isinstance(task, _Shard):
            return _Done(task.work(task.number))
        counter = _Counter(pipe)
        pictures = maker.pictures(task.rows, counter.count, among=task.among)
        counter.send()
        return _Done(pictures)
    except Exception as error:
        return _Failed(error, traceback.format_exc())


class _Counter:
    """Reports the number of drawn pictures now and then."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._pictures, self._sent = pipe, 0, time.monotonic()

    def count(self) -> None:
        """One more picture is drawn."""
        self._pictures += 1
        if time.monotonic() - self._sent >= SECONDS_BETWEEN_COUNTS:
            self.send()

    def send(self) -> None:
        """Report the pictures that are not reported yet."""
        self._pipe.send(_Drawn(self._pictures))
        self._pictures, self._sent = 0, time.monotonic()
