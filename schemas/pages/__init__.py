"""What the pages for a browser have in common: one file that loads nothing, and one look."""
