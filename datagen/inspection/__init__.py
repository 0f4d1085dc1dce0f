"""What a dataset holds, for a person: described, compared with another, explained row by row, shown."""
