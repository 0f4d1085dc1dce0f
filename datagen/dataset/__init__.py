"""A dataset on disk: opening, writing, verifying and showing it."""
