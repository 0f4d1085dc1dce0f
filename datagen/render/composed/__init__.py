"""Worn products from baked layers: ``kinds.py`` says which, ``dressing.py`` makes a stencil of a figure."""
