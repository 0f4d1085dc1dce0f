"""Any catalogue as a stream of raw rows, in bounded memory, whatever its bytes.

    source = open_source("shop.csv", work=Path("out.partial"))
    for batch in source.batches(): ...

source.py      what a source, a batch and an invalid row are
opening.py     a path or a Hub id -> a source
formats.py     which reader reads which file
csv_file.py, json_file.py, json_list.py, text_lines.py, arrow_file.py    the readers
layout.py      which files of a folder or repository belong to the requested table
imagefolder.py, saved_folder.py, hub_set.py    folders of pictures, folders saved by datasets, the Hub
"""

from datagen.readers.opening import open_source, refuse_missing
from datagen.readers.source import Batch, InvalidRow, Source, path_inside

__all__ = ["Batch", "InvalidRow", "Source", "open_source", "path_inside", "refuse_missing"]
