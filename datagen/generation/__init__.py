"""Making a dataset: what is wanted (a recipe), the maker that follows it, and where it runs."""
