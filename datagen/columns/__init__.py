"""What each role of column does: how it is computed, its rule, how a raw cell is read, how it is fitted."""
