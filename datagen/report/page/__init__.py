"""The page of a report, and the files it is filled into."""
