"""The layout parquet."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from datagen.dataset.export.source import Export


def write_parquet(export: Export, work: Path, name: str) -> None:
    """Write ``work``/<name>.parquet: all rows in one file, with the features that ``datasets`` reads."""
    with pq.ParquetWriter(work / f"{name}.parquet", export.columns) as writer:
        for batch in export.batches():
            writer.write_batch(batch)
