"""Whether synthetic rows can be told from real ones, by what, and where they differ."""
