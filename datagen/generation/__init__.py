"""Making a dataset: the recipe says what to make, the maker makes its rows, an engine runs it somewhere."""
