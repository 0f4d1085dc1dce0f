"""Importing real catalogues: rows of any source become a dataset folder; rows that fail are set apart.

pull.py         the entry: a pushed dataset comes back as it was, everything else is imported
importing.py    the whole way, from source to folder
matching.py     which column of the source is which column of the schema
sorting.py      a batch of raw rows, separated into valid rows and rejected ones
uniqueness.py   which codes an earlier row had
fitting.py      the schema that the valid rows really keep
pictures.py     their pictures: from a column, from files, by web address
binding.py      valid rows and their pictures, written into shards
rejected.py     rejected.parquet
unfinished.py   the folder of an import in progress, and resuming it
"""
