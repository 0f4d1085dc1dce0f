"""Synthetic product catalogues: rows, rendered pictures, and the folders that hold them."""
