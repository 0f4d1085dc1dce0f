"""Titles: cut into units, their grammar, and made-up words in the place of rare ones."""
