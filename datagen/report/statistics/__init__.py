"""What sections compute with: intervals by title family, linear models, sums on one thread."""
