"""Figures and garments made once from geometry, as package data: ``layers.py`` reads and writes them."""
