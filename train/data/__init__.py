"""Datasets to train on: opening, title families, splits, the mixture of real and synthetic rows."""
