"""Real catalogues in: any source's rows as a dataset folder of a schema; what fails is set apart.

columns.py    which of the source's columns is which of ours
cells.py      cells of any type as text, numbers and flags; what cannot be is told with a reason
sorting.py    a batch of raw rows into rows that can stand and rows that cannot
fitting.py    the schema that the rows which stand really keep
pictures.py   their pictures: from a column, from files, by address
rejected.py   rejected.parquet
intake.py     the whole way, source to folder
"""
