"""A row as question and answer, and back."""
