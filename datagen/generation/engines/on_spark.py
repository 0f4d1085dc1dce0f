"""The engine Spark: each shard is a task, on a running cluster or on one that is started here for the run."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datagen.dataset.shards import ShardRecord
from datagen.generation.engines.machines import Machines, check_address
from datagen.generation.engines.package_copy import copy_package
from datagen.generation.make_shard import ShardWork
from datagen.schemas import InputError, RunFailed

ATTEMPTS = 4
"""How often a task is started whose worker or machine is lost, where Spark is started here."""

SECONDS_BETWEEN_COUNTS = 0.5
COLUMNS = "path string, sha256 string, bytes long, rows long, families long"
FAILURE = "error string, errno long, file string, input boolean"
"""What a task returns: a record, or why there is none. An exception would be tried again."""

QUIET = {"spark.log.level": "ERROR", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}


def make_shards(
    work: ShardWork, numbers: Sequence[int], machines: Machines, count: Callable[[int], None]
) -> Generator[ShardRecord, None, None]:
    """See :class:`~datagen.generation.engines.Engine`. The records come when all shards are made."""
    rows, counted = [work.shards[number].rows for number in numbers], 0
    with _connected(machines) as spark, ThreadPoolExecutor(1) as thread:
        table = spark.range(0, len(numbers), numPartitions=len(numbers))
        # A broadcast is what Spark itself pickles and, unlike the task, unpickles only when it is asked for,
        # once the code that it needs can be imported.
        shared = spark.sparkContext.broadcast(work)
        make = _maker(shared, list(numbers))
        made = thread.submit(table.mapInArrow(make, f"{COLUMNS}, {FAILURE}").collect)
        try:
            while not made.done():
                time.sleep(SECONDS_BETWEEN_COUNTS)
                if (finished := _finished_tasks(spark)) > counted:
                    count(sum(rows[counted:finished]))
                    counted = finished
        except BaseException:  # Ctrl-C: the thread would wait for the last shard
            spark.sparkContext.cancelAllJobs()
            raise
        try:
            results = made.result()
        except Exception as error:  # Py4J's or PySpark's own, depending on where it comes from
            why = (str(error).splitlines() or [""])[0][:200]
            raise RunFailed(f"Spark gave up ({why}); run the same command with --resume.") from None
    count(sum(rows[counted:]))
    for result in results:
        if result.error is not None:
            raise _failure(result)
        yield ShardRecord(result.path, result.sha256, result.bytes, result.rows, result.families)


def _failure(result: Any) -> InputError | RunFailed | OSError:
    """What a task has caught."""
    if result.errno is not None:
        return OSError(result.errno, result.error, result.file)
    return InputError(result.error) if result.input else RunFailed(result.error)


def _maker(work: Any, numbers: list[int]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """What a task does. It carries and imports all that it needs, since nothing is imported where it runs.

    ``work``: a broadcast of the ShardWork.
    """

    def make(batches: Iterator[Any]) -> Iterator[Any]:
        import sys
        from dataclasses import asdict

        import pyarrow as pa
        from pyspark import SparkFiles

        if (code := SparkFiles.get("code")) not in sys.path:
            sys.path.insert(0, code)
        from datagen.schemas import InputError, RunFailed

        text, number, flag = pa.string(), pa.int64(), pa.bool_()
        kinds = {
            "path": text,
            "sha256": text,
            "bytes": number,
            "rows": number,
            "families": number,
            "error": text,
            "errno": number,
            "file": text,
            "input": flag,
        }
        call = work.value
        for batch in batches:
            for at in batch.column(0).to_pylist():
                result: dict[str, Any] = dict.fromkeys(kinds)
                try:
                    result.update(asdict(call(numbers[at])))
                except (InputError, RunFailed, OSError) as error:  # would not pass if it were tried again
                    system = error if isinstance(error, OSError) and error.errno is not None else None
                    result["error"] = (system and system.strerror) or str(error)
                    result["errno"] = system and system.errno
                    result["file"] = str(system.filename) if system and system.filename else None
                    result["input"] = isinstance(error, InputError)
                yield pa.RecordBatch.from_pylist([result], pa.schema(kinds))

    return make


def _finished_tasks(spark: Any) -> int:
    tracker = spark.sparkContext.statusTracker()
    stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
    return sum(stage.numCompletedTasks for stage in stages if stage)


@contextmanager
def _connected(machines: Machines) -> Iterator[Any]:
    """A Spark session whose workers run this code. Raises InputError."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError("The engine spark needs PySpark; run pip install 'datagen[spark]'.") from None
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise InputError(
            "Spark needs Java, and none is found; install a Java runtime (on Debian default-jre-headless), "
            "or set JAVA_HOME."
        )
    if machines.address:
        check_address("Spark", machines.address)
    builder = SparkSession.builder.appName("datagen make").config(map=QUIET)
    if machines.address or "PYSPARK_GATEWAY_PORT" not in os.environ:  # spark-submit says where by itself
        builder = builder.master(machines.address or f"local[{machines.workers},{ATTEMPTS}]")
    with tempfile.TemporaryDirectory() as folder:
        copy_package(Path(folder) / "code")
        archive = shutil.make_archive(str(Path(folder) / "code"), "zip", Path(folder) / "code")
        try:
            ours = SparkSession.getActiveSession() is None
            spark = builder.getOrCreate()
            spark.sparkContext.addArchive(f"{archive}#code")
        except (PySparkException, OSError) as error:
            raise InputError(f"Spark cannot be used ({' '.join(str(error).split())[:300]}).") from None
        try:
            yield spark
        finally:
            if ours:  # a session of the calling program stays
                spark.stop()
